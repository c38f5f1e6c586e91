import { requireThat } from './checks.ts';
import { requireSchedule } from './combinators/require-schedule.ts';
import { between } from './decays.ts';
import { resolveOptions, withDefault, type Properties } from './resolve-options.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from './schedule.ts';
import { count, nonNegative, oneOf } from './spec-type.ts';

/** Options of {@link cyclic}. */
export type CyclicOptions = {
  /** Value at both ends of a cycle; at least 0. */
  readonly minimum: number;
  /** Value `stepSizeUp` updates into the first cycle; at least `minimum`. */
  readonly maximum: number;
  /** Updates up; an integer of at least 1. */
  readonly stepSizeUp: number;
  /** Updates down; an integer of at least 1, or `null` for as many as up. @default null */
  readonly stepSizeDown?: number | null;
  /** How many cycles, an integer of at least 1; with `null` they never end. @default null */
  readonly cycles?: number | null;
  /** How the cycles shrink; see {@link cyclic}. @default 'triangular' */
  readonly mode?: 'triangular' | 'triangular2' | 'exponentialRange';
  /** Factor of `'exponentialRange'`; from 0 to 1. @default 1 */
  readonly gamma?: number;
  /** What the height is multiplied by in addition, such as an `exponential` of the cycle. */
  readonly amplitude?: Schedule;
  /** Whether `amplitude` sees the number of the cycle, from 0, or the step. @default 'cycle' */
  readonly amplitudePer?: 'cycle' | 'step';
};

/** A {@link cyclic} schedule as JSON. */
export type CyclicSpec = Required<Omit<CyclicOptions, 'amplitude'>> & {
  readonly type: 'cyclic';
  readonly amplitude?: ScheduleSpec;
};

export const cyclicProperties: Properties = {
  minimum: nonNegative,
  maximum: nonNegative,
  stepSizeUp: count,
  'stepSizeDown?': withDefault(count, null),
  'cycles?': withDefault(count, null),
  'mode?': withDefault(oneOf(['triangular', 'triangular2', 'exponentialRange']), 'triangular'),
  'gamma?': withDefault({ ...nonNegative, maximum: 1 }, 1),
  'amplitudePer?': withDefault(oneOf(['cycle', 'step']), 'cycle'),
};

/**
 * Smith's cyclical rates: linearly up and down, minimum + (maximum − minimum)·h·f.
 *
 * The height h goes from 0 to 1 in `stepSizeUp` updates and back in `stepSizeDown`. The factor f is by `mode` 1,
 * 2^(−cycle) with cycles counted from 0 (`'triangular2'`) or gamma^step (`'exponentialRange'`, over the whole run),
 * times the `amplitude` if there is one. Where that is more than 1 the value is above `maximum`, but never more than
 * a number can hold. After the last of `cycles` the minimum holds.
 *
 * @example
 * const schedule = cyclic({ minimum: 1, maximum: 5, stepSizeUp: 4, stepSizeDown: 2, mode: 'triangular2' });
 * [0, 4, 5, 6, 10].map(schedule); // [1, 5, 3, 1, 3]
 * @throws TypeError if `amplitude` is no schedule; RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), sections 3.1 and 3.2.
 */
export function cyclic(options: CyclicOptions): Schedule {
  const spec = resolveOptions<CyclicSpec>('cyclic', cyclicProperties, options);
  const { minimum, maximum, stepSizeUp, mode, gamma, amplitudePer, cycles } = spec;
  requireThat(maximum >= minimum, 'cyclic: maximum', maximum, `at least minimum, ${minimum}`);
  const { amplitude } = options;
  if (amplitude) requireSchedule('cyclic: amplitude', amplitude);

  const stepSizeDown = spec.stepSizeDown ?? stepSizeUp;
  const period = stepSizeUp + stepSizeDown;
  const end = period * (cycles ?? Infinity);
  const within = between(minimum, maximum);
  return createSchedule(
    () => ({ ...spec, ...(amplitude && { amplitude: amplitude.spec }) }),
    (given) => {
      if (given >= end) return minimum;
      const step = Math.max(given, 0);
      const position = step % period;
      const cycle = Math.round((step - position) / period);
      let height = position < stepSizeUp ? position / stepSizeUp : (period - position) / stepSizeDown;
      if (mode === 'triangular2') height *= 2 ** -cycle;
      else if (mode === 'exponentialRange') height *= gamma ** step;
      if (amplitude) height *= amplitude(amplitudePer === 'cycle' ? cycle : step);
      if (height <= 1) return within(height);
      return Math.min(minimum + (maximum - minimum) * height, Number.MAX_VALUE);
    },
  );
}
