import { requireWithin } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** A {@link scale} schedule as JSON. */
export type ScaleSpec = {
  readonly type: 'scale';
  readonly schedule: ScheduleSpec;
  readonly factor: number;
};

/**
 * `factor · schedule(step)`, for example the rates of a larger batch.
 *
 * @example
 * scale(linear({ from: 0, to: 1, steps: 4 }), 0.5)(2); // 0.25
 * @param factor At least 0.
 * @throws TypeError if `schedule` is none; RangeError if `factor` is out of range.
 */
export function scale(schedule: Schedule, factor: number): Schedule {
  const by = requireWithin('scale: factor', factor);
  return combine<ScaleSpec>(schedule, { type: 'scale', factor: by }, (step) =>
    Math.min(by * schedule(step), Number.MAX_VALUE),
  );
}
