import { requireThat } from './checks.ts';
import { defineSchedule } from './define-schedule.ts';
import { piecewise } from './piecewise.ts';
import { withDefault, type Properties } from './resolve-options.ts';
import type { Schedule } from './schedule.ts';
import { count, nonNegative, oneOf } from './spec-type.ts';

/** Options of {@link rangeTestSchedule}. */
export type RangeTestScheduleOptions = {
  /** Rate of the first update; at least 0, greater than 0 on an exponential scale. */
  readonly minimum: number;
  /** Rate of the last update; at least `minimum`. */
  readonly maximum: number;
  /** Updates in the test; an integer of at least 1. */
  readonly steps: number;
  /** @default 'linear' */
  readonly scale?: 'linear' | 'exponential';
};

/** A {@link rangeTestSchedule} as JSON. */
export type RangeTestScheduleSpec = Required<RangeTestScheduleOptions> & {
  readonly type: 'rangeTestSchedule';
};

export const rangeTestScheduleProperties: Properties = {
  minimum: nonNegative,
  maximum: nonNegative,
  steps: count,
  'scale?': withDefault(oneOf(['linear', 'exponential']), 'linear'),
};

/**
 * The rates of a learning-rate range test: up from `minimum`, with equal differences or, on an exponential scale,
 * equal quotients.
 *
 * Unlike {@link linear} and {@link exponential} it counts updates, not what is between them: the last update, at
 * `steps − 1`, uses `maximum` exactly. A test of one update uses `minimum`.
 *
 * @example
 * const rates = rangeTestSchedule({ minimum: 0.001, maximum: 10, steps: 5, scale: 'exponential' });
 * [0, 2, 4].map(rates); // [0.001, 0.1, 10]
 * @throws RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.3.
 */
export const rangeTestSchedule: (options: RangeTestScheduleOptions) => Schedule =
  defineSchedule<RangeTestScheduleSpec>(
    'rangeTestSchedule',
    rangeTestScheduleProperties,
    ({ minimum, maximum, steps, scale }) => {
      const allowed = `at least minimum, ${minimum}`;
      requireThat(maximum >= minimum, 'rangeTestSchedule: maximum', maximum, allowed);
      const positive = minimum > 0 || scale === 'linear';
      requireThat(positive, 'rangeTestSchedule: minimum', minimum, '> 0 on an exponential scale');
      const knots = [{ step: 0, value: minimum }];
      if (steps > 1) knots.push({ step: steps - 1, value: maximum });
      return piecewise({ knots, interpolation: scale });
    },
  );
