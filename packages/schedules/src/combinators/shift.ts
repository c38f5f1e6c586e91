import { requireWithin } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** A {@link shift} schedule as JSON. */
export type ShiftSpec = {
  readonly type: 'shift';
  readonly schedule: ScheduleSpec;
  readonly steps: number;
};

/**
 * `schedule(step - steps)`: the same schedule, later by `steps`; its first value holds until then.
 *
 * @example
 * shift(linear({ from: 0, to: 1, steps: 4 }), 10)(12); // 0.5
 * @param steps Any finite number up to ±(2⁵³ − 1); less than 0 for earlier.
 * @throws TypeError if `schedule` is none; RangeError if `steps` is out of range.
 */
export function shift(schedule: Schedule, steps: number): Schedule {
  const by = requireWithin('shift: steps', steps, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return combine<ShiftSpec>(schedule, { type: 'shift', steps: by }, (step) => schedule(step - by));
}
