import { requireThat, requireWithin } from './checks.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** See {@link piecewise}. */
export const interpolations = ['linear', 'cosine', 'exponential', 'step'] as const;

/** How values between two knots are found; see {@link piecewise}. */
export type Interpolation = (typeof interpolations)[number];

/** A point that the schedule goes through exactly. */
export type Knot = {
  /** Updates done when the value holds; any finite number up to ±(2⁵³ − 1). */
  readonly step: number;
  /** At least 0; greater than 0 for exponential interpolation. */
  readonly value: number;
};

/** Options of {@link piecewise}. */
export type PiecewiseOptions = {
  /** One or more, their steps strictly increasing. */
  readonly knots: readonly Knot[];
  /** @default 'linear' */
  readonly interpolation?: Interpolation;
};

/** A {@link piecewise} schedule as JSON. */
export type PiecewiseSpec = Required<PiecewiseOptions> & { readonly type: 'piecewise' };

/**
 * Interpolates between knots; the primitive that the other schedules are made of.
 *
 * Between a knot (s₀, a) and the next one (s₁, b), with p = (step − s₀) / (s₁ − s₀):
 *
 * - `'linear'`: a + (b − a)·p
 * - `'cosine'`: b + (a − b)·(1 + cos πp) / 2
 * - `'exponential'`: a^(1−p) · b^p
 * - `'step'`: a, until the next knot
 *
 * A knot's value holds exactly at its step, values in between never leave [min(a, b), max(a, b)], and outside
 * the knots the first and the last value hold. One evaluation costs O(log knots).
 *
 * @example
 * const schedule = piecewise({ knots: [{ step: 0, value: 1 }, { step: 4, value: 3 }] });
 * schedule(1); // 1.5
 * @throws RangeError without a knot, with steps out of order, or with a value that is out of range.
 */
export function piecewise(options: PiecewiseOptions): Schedule {
  const { interpolation = 'linear' } = options;
  checkKnots(options.knots, interpolation);
  // + 0 because JSON makes 0 of −0.
  const knots = options.knots.map(({ step, value }) => Object.freeze({ step: step + 0, value: value + 0 }));
  const spec: PiecewiseSpec = { type: 'piecewise', knots: Object.freeze(knots), interpolation };
  return createSchedule(spec, interpolate(knots, interpolation));
}

/** The closed form of {@link piecewise}, of knots that are known to be right. */
export function interpolate(
  knots: readonly Knot[],
  interpolation: Interpolation = 'linear',
): (step: number) => number {
  const between = interpolators[interpolation];
  const steps = knots.map(({ step }) => step);
  const values = knots.map(({ value }) => value);
  const last = knots.length - 1;
  const at = (index: number): number => values[index] as number;

  return (step) => {
    if (step <= (steps[0] as number)) return at(0);
    if (step >= (steps[last] as number)) return at(last);
    let left = 0;
    for (let right = last; right - left > 1;) {
      const middle = (left + right) >> 1;
      if ((steps[middle] as number) <= step) left = middle;
      else right = middle;
    }
    const a = at(left);
    const b = at(left + 1);
    const start = steps[left] as number;
    if (step === start) return a;
    const value = between(a, b, (step - start) / ((steps[left + 1] as number) - start));
    // Rounding may leave the interval by one unit in the last place.
    return a < b ? Math.min(Math.max(value, a), b) : Math.min(Math.max(value, b), a);
  };
}

const interpolators: Record<Interpolation, (a: number, b: number, p: number) => number> = {
  linear: (a, b, p) => a + (b - a) * p,
  cosine: (a, b, p) => b + ((a - b) * (1 + Math.cos(Math.PI * p))) / 2,
  // Not a·(b/a)^p: the quotient can overflow.
  exponential: (a, b, p) => a ** (1 - p) * b ** p,
  step: (a) => a,
};

function checkKnots(knots: readonly Knot[], interpolation: Interpolation): void {
  requireThat(
    interpolations.includes(interpolation),
    'piecewise: interpolation',
    interpolation,
    `one of ${interpolations.join(', ')}`,
  );
  requireThat(Array.isArray(knots) && knots.length > 0, 'piecewise: knots', knots, 'a list of one or more');
  const exponential = interpolation === 'exponential';
  let previous = -Infinity;
  knots.forEach(({ step, value }, index) => {
    const name = `piecewise: knots[${index}]`;
    requireWithin(`${name}.step`, step, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    requireThat(step > previous, `${name}.step`, step, `greater than the step before it, ${previous}`);
    requireWithin(`${name}.value`, value);
    requireThat(value > 0 || !exponential, `${name}.value`, value, '> 0 for exponential interpolation');
    previous = step;
  });
}
