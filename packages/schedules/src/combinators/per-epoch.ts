import { requireCount } from '../checks.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from '../schedule.ts';
import { requireSchedule } from './require-schedule.ts';

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
  const inner = requireSchedule('perEpoch: schedule', schedule);
  const steps = requireCount('perEpoch: stepsPerEpoch', stepsPerEpoch);
  return createSchedule(
    () => ({ type: 'perEpoch', schedule: inner.spec, stepsPerEpoch: steps }),
    (step) => inner(Math.floor(step / steps)),
  );
}
