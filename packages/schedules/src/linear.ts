import { requireCount, requireWithin } from './checks.ts';
import { interpolate } from './piecewise.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Options of {@link linear}. */
export type LinearOptions = {
  /** Value at step 0 and before; at least 0. */
  readonly from: number;
  /** Value at step `steps` and after; at least 0. */
  readonly to: number;
  /** Updates from one to the other; an integer of at least 1. */
  readonly steps: number;
};

/** A {@link linear} schedule as JSON. */
export type LinearSpec = LinearOptions & { readonly type: 'linear' };

/**
 * A straight line: from + (to − from)·step/steps, then `to`.
 *
 * `to` is reached once `steps` updates are done. For a range test whose last of `n` updates runs at `to`, give
 * `steps: n - 1`.
 *
 * @example
 * linear({ from: 0, to: 3, steps: 100 })(25); // 0.75
 * @throws RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.3: the LR range test.
 */
export function linear(options: LinearOptions): Schedule {
  const from = requireWithin('linear: from', options.from);
  const to = requireWithin('linear: to', options.to);
  const steps = requireCount('linear: steps', options.steps);
  const knots = [
    { step: 0, value: from },
    { step: steps, value: to },
  ];
  return createSchedule({ type: 'linear', from, to, steps }, interpolate(knots));
}
