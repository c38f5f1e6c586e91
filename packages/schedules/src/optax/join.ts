import { requireThat } from '../checks.ts';
import { requireSchedule } from '../combinators/require-schedule.ts';
import { defineSchedule, fromZeroOn, type Evaluate } from '../define-schedule.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { listOf, nonNegative, number, objectOf, positive } from '../spec-type.ts';
import { resolveOptions, withDefault, type Properties } from '../resolve-options.ts';
import { cosineDecay } from './cosine-decay.ts';
import { decayFrom, exponentialDecayProperties, type ExponentialDecayOptions } from './exponential-decay.ts';
import { warmup, warmupProperties, type WarmupConstantScheduleOptions } from './polynomial.ts';

/** Options of {@link joinSchedules}. */
export type JoinSchedulesOptions = {
  /** One or more. */
  readonly schedules: readonly Schedule[];
  /** Steps at which the next schedule begins: one fewer than schedules. */
  readonly boundaries: readonly number[];
};

/** Options of {@link warmupCosineDecaySchedule}. */
export type WarmupCosineDecayScheduleOptions = WarmupConstantScheduleOptions & {
  /** Updates until `endValue` is reached, the warm-up **included**; greater than `warmupSteps`. */
  readonly decaySteps: number;
  /** The last value; at least 0. @default 0 */
  readonly endValue?: number;
  /** Power of the cosine; at least 0. @default 1 */
  readonly exponent?: number;
};

/** Options of {@link warmupExponentialDecaySchedule}. */
export type WarmupExponentialDecayScheduleOptions = WarmupConstantScheduleOptions &
  Omit<ExponentialDecayOptions, 'initValue'>;

/** Options of {@link sgdrSchedule}. */
export type SgdrScheduleOptions = {
  /** One {@link warmupCosineDecaySchedule} per cycle, each `decaySteps` long. */
  readonly cosineKwargs: readonly WarmupCosineDecayScheduleOptions[];
};

/** A {@link joinSchedules} schedule as JSON. */
export type JoinSchedulesSpec = {
  readonly type: 'optax.joinSchedules';
  readonly schedules: readonly ScheduleSpec[];
  readonly boundaries: readonly number[];
};

/** A {@link warmupCosineDecaySchedule} as JSON. */
export type WarmupCosineDecayScheduleSpec = Required<WarmupCosineDecayScheduleOptions> & {
  readonly type: 'optax.warmupCosineDecaySchedule';
};

/** A {@link warmupExponentialDecaySchedule} as JSON. */
export type WarmupExponentialDecayScheduleSpec = Required<WarmupExponentialDecayScheduleOptions> & {
  readonly type: 'optax.warmupExponentialDecaySchedule';
};

/** An {@link sgdrSchedule} as JSON. */
export type SgdrScheduleSpec = {
  readonly type: 'optax.sgdrSchedule';
  readonly cosineKwargs: readonly Required<WarmupCosineDecayScheduleOptions>[];
};

export const joinProperties: Properties = { boundaries: listOf(number) };
export const warmupCosineDecayProperties: Properties = {
  ...warmupProperties,
  decaySteps: positive,
  'endValue?': withDefault(nonNegative, 0),
  'exponent?': withDefault(nonNegative, 1),
};
export const sgdrProperties: Properties = { cosineKwargs: listOf(objectOf(warmupCosineDecayProperties)) };
export const warmupExponentialDecayProperties: Properties = {
  ...exponentialDecayProperties,
  ...warmupProperties,
};

/**
 * One schedule after the other; each sees the steps since its boundary.
 *
 * At a boundary the next schedule already counts, as its step 0.
 *
 * @example
 * const halves = [1, 2].map((value) => constantSchedule({ value }));
 * joinSchedules({ schedules: halves, boundaries: [4] })(4); // 2
 * @throws TypeError if one of `schedules` is none; RangeError unless there is one boundary fewer than schedules; optax
 * ignores what is too many.
 * @see optax 0.2.8, `join_schedules`.
 */
export function joinSchedules(options: JoinSchedulesOptions): Schedule {
  const type = 'optax.joinSchedules';
  const { boundaries } = resolveOptions<JoinSchedulesSpec>(type, joinProperties, options);
  const given: unknown = options.schedules;
  requireThat(Array.isArray(given), 'joinSchedules: schedules', given, 'a list');
  const schedules = options.schedules.map((schedule, index) =>
    requireSchedule(`joinSchedules: schedules[${index}]`, schedule),
  );
  const fits = schedules.length === boundaries.length + 1;
  requireThat(fits, 'joinSchedules: boundaries', boundaries, 'one fewer than schedules');
  return fromZeroOn(
    () => ({ type, schedules: Object.freeze(schedules.map(({ spec }) => spec)), boundaries }),
    join(schedules, boundaries),
  );
}

/**
 * Linearly from `initValue` to `peakValue`, then along a cosine to `endValue`.
 *
 * `decaySteps` counts the warm-up too: the cosine takes `decaySteps - warmupSteps`. (In Keras it does not.) With a
 * peak of 0, `endValue` is 0 as well.
 *
 * @example
 * warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 10 })(6); // 0.5
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `warmup_cosine_decay_schedule`.
 */
export const warmupCosineDecaySchedule: (options: WarmupCosineDecayScheduleOptions) => Schedule =
  defineSchedule<WarmupCosineDecayScheduleSpec>(
    'optax.warmupCosineDecaySchedule',
    warmupCosineDecayProperties,
    (spec) => {
      const { peakValue, warmupSteps, decaySteps, endValue, exponent } = spec;
      const name = 'warmupCosineDecaySchedule: decaySteps';
      requireThat(decaySteps > warmupSteps, name, decaySteps, `greater than warmupSteps, ${warmupSteps}`);
      // The quotient may overflow, and 0·∞ is NaN.
      const alpha = peakValue === 0 ? 0 : Math.min(endValue / peakValue, Number.MAX_VALUE);
      const decay = cosineDecay(peakValue, decaySteps - warmupSteps, alpha, exponent);
      return join([warmup(spec), decay], [warmupSteps]);
    },
  );

/**
 * Linearly from `initValue` to `peakValue`, then an exponential decay whose steps count from the end of the warm-up.
 *
 * @example
 * const rise = { initValue: 0, peakValue: 1, warmupSteps: 4 };
 * warmupExponentialDecaySchedule({ ...rise, transitionSteps: 1, decayRate: 0.5 })(6); // 0.25
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `warmup_exponential_decay_schedule`.
 */
export const warmupExponentialDecaySchedule: (options: WarmupExponentialDecayScheduleOptions) => Schedule =
  defineSchedule<WarmupExponentialDecayScheduleSpec>(
    'optax.warmupExponentialDecaySchedule',
    warmupExponentialDecayProperties,
    (spec) => join([warmup(spec), decayFrom(spec.peakValue, spec)], [spec.warmupSteps]),
  );

/**
 * Stochastic gradient descent with warm restarts: one {@link warmupCosineDecaySchedule} after the other.
 *
 * @example
 * const cycle = { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 10 };
 * sgdrSchedule({ cosineKwargs: [cycle, { ...cycle, peakValue: 0.5 }] })(12); // 0.5
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `sgdr_schedule`; Loshchilov and Hutter, SGDR (arXiv 1608.03983).
 */
export const sgdrSchedule: (options: SgdrScheduleOptions) => Schedule = defineSchedule<SgdrScheduleSpec>(
  'optax.sgdrSchedule',
  sgdrProperties,
  ({ cosineKwargs }) => {
    requireThat(cosineKwargs.length > 0, 'sgdrSchedule: cosineKwargs', cosineKwargs, 'a list of one or more');
    let end = 0;
    const ends = cosineKwargs.map(({ decaySteps }) => (end += decaySteps));
    return join(cosineKwargs.map(warmupCosineDecaySchedule), ends);
  },
);

/** optax goes through all boundaries and keeps the last that is reached; they need not be in order. */
function join(parts: readonly Evaluate[], boundaries: readonly number[]): Evaluate {
  const [first = () => 0, ...rest] = parts;
  return (step) => {
    for (let index = rest.length - 1; index >= 0; index--) {
      const boundary = boundaries[index];
      const part = rest[index];
      if (boundary !== undefined && part !== undefined && step >= boundary) return part(step - boundary);
    }
    return first(step);
  };
}
