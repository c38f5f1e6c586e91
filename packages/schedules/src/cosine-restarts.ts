import { requireThat } from './checks.ts';
import { defineSchedule } from './define-schedule.ts';
import { withDefault, type Properties } from './resolve-options.ts';
import type { Schedule } from './schedule.ts';
import { count, nonNegative, number } from './spec-type.ts';

/** Options of {@link cosineRestarts}. */
export type CosineRestartsOptions = {
  /** Value at the first restart, step 0; at least `minimum`. */
  readonly maximum: number;
  /** Value that every cycle falls to; at least 0. @default 0 */
  readonly minimum?: number;
  /** Updates in the first cycle; an integer of at least 1. */
  readonly period: number;
  /** How many times longer each cycle is than the one before it; from 1 to 1,000,000. @default 1 */
  readonly periodFactor?: number;
  /** What each restart multiplies the maximum by, down to `minimum`; from 0 to 1. @default 1 */
  readonly maximumFactor?: number;
  /** How many cycles, an integer of at least 1; with `null` they never end. @default null */
  readonly cycles?: number | null;
};

/** A {@link cosineRestarts} schedule as JSON. */
export type CosineRestartsSpec = Required<CosineRestartsOptions> & { readonly type: 'cosineRestarts' };

export const cosineRestartsProperties: Properties = {
  maximum: nonNegative,
  'minimum?': withDefault(nonNegative, 0),
  period: count,
  'periodFactor?': withDefault({ ...number, minimum: 1, maximum: 1e6 }, 1),
  'maximumFactor?': withDefault({ ...nonNegative, maximum: 1 }, 1),
  'cycles?': withDefault(count, null),
};

/**
 * SGDR: half a cosine from the maximum to the minimum, and again from the maximum.
 *
 * Cycle i = 0, 1, … has period·periodFactor^i updates, the first of them at max(maximum·maximumFactor^i, minimum),
 * exactly. The minimum is approached but not used: where a cycle ends the next one begins. Only after the last of
 * `cycles` it holds.
 *
 * @example
 * const schedule = cosineRestarts({ maximum: 1, period: 2, periodFactor: 2 });
 * [0, 1, 2, 4, 6].map(schedule); // [1, 0.5, 1, 0.5, 1]
 * @throws RangeError if an option is out of range.
 * @see Loshchilov and Hutter, SGDR (arXiv 1608.03983), section 3: T_0 is the period, T_mult its factor.
 */
export const cosineRestarts: (options: CosineRestartsOptions) => Schedule =
  defineSchedule<CosineRestartsSpec>('cosineRestarts', cosineRestartsProperties, (spec) => {
    const { maximum, minimum, period, periodFactor, maximumFactor, cycles } = spec;
    requireThat(minimum <= maximum, 'cosineRestarts: minimum', minimum, `at most maximum, ${maximum}`);
    const growth = periodFactor - 1;
    const logarithm = Math.log1p(growth);
    // The quotient first: it is an integer, and exact, where the factor is an integer.
    const startOf = (index: number, power: number): number =>
      period * (growth === 0 ? index : (power - 1) / growth);
    const estimate = (step: number): number =>
      growth === 0 ? step / period : Math.log1p((step / period) * growth) / logarithm;
    const end = cycles === null ? Infinity : startOf(cycles, periodFactor ** cycles);

    return (step) => {
      if (step >= end) return minimum;
      let index = Math.floor(estimate(step));
      let power = growth === 0 ? 1 : periodFactor ** index;
      let start = startOf(index, power);
      // Rounding may put a step that is next to a restart on its other side.
      const next = startOf(index + 1, power * periodFactor);
      if (step < start || step >= next) {
        index += step < start ? -1 : 1;
        power = periodFactor ** index;
        start = startOf(index, power);
      }
      const top = maximumFactor === 1 ? maximum : Math.max(maximum * maximumFactor ** index, minimum);
      if (step <= start) return top;
      const p = Math.min((step - start) / (period * power), 1);
      return Math.min(minimum + ((top - minimum) * (1 + Math.cos(Math.PI * p))) / 2, top);
    };
  });
