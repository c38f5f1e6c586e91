import { requirePositive } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** A {@link stretch} schedule as JSON. */
export type StretchSpec = {
  readonly type: 'stretch';
  readonly schedule: ScheduleSpec;
  readonly factor: number;
};

/**
 * `schedule(step / factor)`: the same schedule, `factor` times as long.
 *
 * With the updates of an epoch as the factor, a schedule over epochs becomes one that changes with every update;
 * {@link perEpoch} is the one that changes once an epoch.
 *
 * @example
 * stretch(linear({ from: 0, to: 1, steps: 4 }), 100)(50); // 0.125
 * @param factor Greater than 0; less than 1 makes it shorter.
 * @throws TypeError if `schedule` is none; RangeError if `factor` is out of range.
 */
export function stretch(schedule: Schedule, factor: number): Schedule {
  requirePositive('stretch: factor', factor);
  const last = Number.MAX_VALUE;
  return combine<StretchSpec>(schedule, { type: 'stretch', factor }, (step) =>
    // The quotient may be beyond what a number can hold, where the schedule has long ended.
    schedule(Math.min(Math.max(step / factor, -last), last)),
  );
}
