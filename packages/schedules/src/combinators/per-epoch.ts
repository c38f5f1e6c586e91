import { requireCount } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** A {@link perEpoch} schedule as JSON. */
export type PerEpochSpec = {
  readonly type: 'perEpoch';
  readonly schedule: ScheduleSpec;
  readonly stepsPerEpoch: number;
};

/**
 * `schedule(floor(step / stepsPerEpoch))`: a schedule over epochs, as one over updates that changes once an epoch.
 *
 * {@link stretch} is the one that changes with every update.
 *
 * @example
 * perEpoch(linear({ from: 0, to: 1, steps: 4 }), 100)(399); // 0.75
 * @param stepsPerEpoch An integer of at least 1.
 * @throws TypeError if `schedule` is none; RangeError if `stepsPerEpoch` is out of range.
 */
export function perEpoch(schedule: Schedule, stepsPerEpoch: number): Schedule {
  requireCount('perEpoch: stepsPerEpoch', stepsPerEpoch);
  return combine<PerEpochSpec>(schedule, { type: 'perEpoch', stepsPerEpoch }, (step) =>
    schedule(Math.floor(step / stepsPerEpoch)),
  );
}
