import { requireWithin } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** Options of {@link clamp}. */
export type ClampOptions = {
  /** At least 0. @default 0 */
  readonly minimum?: number;
  /** At least `minimum`. @default no maximum */
  readonly maximum?: number;
};

/** A {@link clamp} schedule as JSON. */
export type ClampSpec = {
  readonly type: 'clamp';
  readonly schedule: ScheduleSpec;
  readonly minimum: number;
  readonly maximum?: number;
};

/**
 * The schedule's value, kept between two bounds.
 *
 * @example
 * clamp(linear({ from: 0, to: 1, steps: 4 }), { minimum: 0.5 })(1); // 0.5
 * @throws TypeError if `schedule` is none; RangeError if an option is out of range.
 */
export function clamp(schedule: Schedule, options: ClampOptions): Schedule {
  const { minimum: low = 0, maximum: high } = options;
  const minimum = requireWithin('clamp: minimum', low);
  const maximum = high === undefined ? Infinity : requireWithin('clamp: maximum', high, minimum);
  const rest = { type: 'clamp', minimum, ...(high !== undefined && { maximum }) } as const;
  return combine<ClampSpec>(schedule, rest, (step) => Math.min(Math.max(schedule(step), minimum), maximum));
}
