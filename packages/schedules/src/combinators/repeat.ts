import { requireCount } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** Options of {@link repeat}. */
export type RepeatOptions = {
  /** Updates after which the schedule begins again; an integer of at least 1. */
  readonly period: number;
  /** How often it is gone through; an integer of at least 1. @default for ever */
  readonly times?: number;
};

/** A {@link repeat} schedule as JSON. */
export type RepeatSpec = RepeatOptions & { readonly type: 'repeat'; readonly schedule: ScheduleSpec };

/**
 * The first `period` updates of a schedule, over and over: `schedule(step mod period)`.
 *
 * Once it was gone through `times` times, `schedule(period)` holds.
 *
 * @example
 * repeat(linear({ from: 1, to: 0, steps: 4 }), { period: 4 })(5); // 0.75
 * @throws TypeError if `schedule` is none; RangeError if an option is out of range.
 */
export function repeat(schedule: Schedule, options: RepeatOptions): Schedule {
  const period = requireCount('repeat: period', options.period);
  const { times } = options;
  const end = times === undefined ? Infinity : period * requireCount('repeat: times', times);
  return combine<RepeatSpec>(schedule, { type: 'repeat', period, ...(times && { times }) }, (step) =>
    schedule(step < end ? Math.max(step, 0) % period : period),
  );
}
