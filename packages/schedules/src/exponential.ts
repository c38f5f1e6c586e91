import { requireCount, requirePositive } from './checks.ts';
import { interpolate } from './piecewise.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Options of {@link exponential}. */
export type ExponentialOptions = {
  /** Value at step 0 and before; greater than 0. */
  readonly from: number;
  /** Value at step `steps` and after; greater than 0. */
  readonly to: number;
  /** Updates from one to the other; an integer of at least 1. */
  readonly steps: number;
};

/** An {@link exponential} schedule as JSON. */
export type ExponentialSpec = ExponentialOptions & { readonly type: 'exponential' };

/**
 * A straight line on a logarithmic axis: from·(to/from)^(step/steps), then `to`.
 *
 * Every step multiplies the value by the same factor, upwards (a range test over decades) or downwards (decay).
 *
 * @example
 * exponential({ from: 0.001, to: 10, steps: 4 })(2); // 0.1
 * @throws RangeError if an option is out of range.
 */
export function exponential(options: ExponentialOptions): Schedule {
  const from = requirePositive('exponential: from', options.from);
  const to = requirePositive('exponential: to', options.to);
  const steps = requireCount('exponential: steps', options.steps);
  const knots = [
    { step: 0, value: from },
    { step: steps, value: to },
  ];
  return createSchedule({ type: 'exponential', from, to, steps }, interpolate(knots, 'exponential'));
}
