import { requireCount, requireWithin } from './checks.ts';
import { requireSchedule } from './combinators/require-schedule.ts';
import { linear } from './linear.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from './schedule.ts';

/** Options of {@link warmUp}. */
export type WarmUpOptions = {
  /** Updates of the warm-up; an integer of at least 1. */
  readonly steps: number;
  /** Value at step 0 and before; at least 0. @default 0 */
  readonly from?: number;
};

/** A {@link warmUp} schedule as JSON. */
export type WarmUpSpec = Required<WarmUpOptions> & {
  readonly type: 'warmUp';
  readonly schedule: ScheduleSpec;
};

/**
 * Linearly from `from` to `schedule(0)` in `steps` updates, then `schedule(step − steps)`.
 *
 * @example
 * const schedule = warmUp(cosine({ from: 1, to: 0, steps: 100 }), { steps: 10 });
 * [0, 5, 10, 60].map(schedule); // [0, 0.5, 1, 0.5]
 * @throws TypeError if `schedule` is none; RangeError if an option is out of range.
 * @see Goyal et al., Accurate, Large Minibatch SGD (arXiv 1706.02677), section 2.2: gradual warm-up.
 */
export function warmUp(schedule: Schedule, options: WarmUpOptions): Schedule {
  const inner = requireSchedule('warmUp: schedule', schedule);
  const steps = requireCount('warmUp: steps', options.steps);
  const from = requireWithin('warmUp: from', options.from ?? 0);
  const rise = linear({ from, to: inner(0), steps });
  return createSchedule(
    () => ({ type: 'warmUp', schedule: inner.spec, steps, from }),
    (step) => (step < steps ? rise(step) : inner(step - steps)),
  );
}
