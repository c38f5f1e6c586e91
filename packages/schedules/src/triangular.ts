import { requireCount, requireThat, requireWithin } from './checks.ts';
import { interpolate } from './piecewise.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Options of {@link triangular}. */
export type TriangularOptions = {
  /** Value at both ends of a cycle; at least 0. */
  readonly minimum: number;
  /** Value in the middle of a cycle; at least `minimum`. */
  readonly maximum: number;
  /** Half a cycle, in updates; an integer of at least 1. */
  readonly stepSize: number;
  /** How many cycles, an integer of at least 1; without it they never end. */
  readonly cycles?: number;
};

/** A {@link triangular} schedule as JSON. */
export type TriangularSpec = TriangularOptions & { readonly type: 'triangular' };

/**
 * Linearly up from `minimum` to `maximum` in `stepSize` updates, down again in as many, and so on.
 *
 * With `cycles` it stays at `minimum` once `2·stepSize·cycles` updates are done.
 *
 * @example
 * triangular({ minimum: 1, maximum: 5, stepSize: 4 })(6); // 3
 * @throws RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.1.
 */
export function triangular(options: TriangularOptions): Schedule {
  const minimum = requireWithin('triangular: minimum', options.minimum);
  const maximum = requireWithin('triangular: maximum', options.maximum, minimum);
  const stepSize = requireCount('triangular: stepSize', options.stepSize);
  const { cycles } = options;
  if (cycles !== undefined) requireCount('triangular: cycles', cycles);

  const period = 2 * stepSize;
  requireThat(period <= Number.MAX_SAFE_INTEGER, 'triangular: stepSize', stepSize, 'less than 2⁵²');
  const end = cycles === undefined ? Infinity : cycles * period;
  const cycle = interpolate([
    { step: 0, value: minimum },
    { step: stepSize, value: maximum },
    { step: period, value: minimum },
  ]);
  const spec: TriangularSpec = { type: 'triangular', minimum, maximum, stepSize, ...(cycles && { cycles }) };
  return createSchedule(spec, (step) => (step <= 0 || step >= end ? minimum : cycle(step % period)));
}
