import { defineSchedule, type Evaluate } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';
import { nonNegative, number } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';

/** Options of {@link linearSchedule}. */
export type LinearScheduleOptions = {
  /** Value until `transitionBegin`; at least 0. */
  readonly initValue: number;
  /** Value from `transitionBegin + transitionSteps` on; at least 0. */
  readonly endValue: number;
  /** Updates from one to the other; at 0 or less the value stays at `initValue`. */
  readonly transitionSteps: number;
  /** Updates before the change begins; a negative number counts as 0. @default 0 */
  readonly transitionBegin?: number;
};

/** Options of {@link polynomialSchedule}. */
export type PolynomialScheduleOptions = LinearScheduleOptions & {
  /** At least 0; 1 is a straight line. */
  readonly power: number;
};

/** Options of {@link warmupConstantSchedule}. */
export type WarmupConstantScheduleOptions = {
  /** Value at step 0; at least 0. */
  readonly initValue: number;
  /** Value once `warmupSteps` updates are done; at least 0. */
  readonly peakValue: number;
  /** Updates of the warm-up; with 0 the value stays at `initValue`. */
  readonly warmupSteps: number;
};

/** A {@link linearSchedule} as JSON. */
export type LinearScheduleSpec = Required<LinearScheduleOptions> & { readonly type: 'optax.linearSchedule' };

/** A {@link polynomialSchedule} as JSON. */
export type PolynomialScheduleSpec = Required<PolynomialScheduleOptions> & {
  readonly type: 'optax.polynomialSchedule';
};

/** A {@link warmupConstantSchedule} as JSON. */
export type WarmupConstantScheduleSpec = WarmupConstantScheduleOptions & {
  readonly type: 'optax.warmupConstantSchedule';
};

export const linearProperties: Properties = {
  initValue: nonNegative,
  endValue: nonNegative,
  transitionSteps: number,
  'transitionBegin?': withDefault(number, 0),
};
export const polynomialProperties: Properties = { ...linearProperties, power: nonNegative };
export const warmupProperties: Properties = {
  initValue: nonNegative,
  peakValue: nonNegative,
  warmupSteps: nonNegative,
};

/**
 * From `initValue` to `endValue` along a power: (init − end)·(1 − t/T)^power + end, with
 * t = step − transitionBegin kept between 0 and T = transitionSteps.
 *
 * `endValue` is reached once `transitionBegin + transitionSteps` updates are done.
 *
 * @example
 * polynomialSchedule({ initValue: 1, endValue: 0, power: 2, transitionSteps: 4 })(2); // 0.25
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `polynomial_schedule`.
 */
export const polynomialSchedule: (options: PolynomialScheduleOptions) => Schedule =
  defineSchedule<PolynomialScheduleSpec>('optax.polynomialSchedule', polynomialProperties, polynomial);

/**
 * From `initValue` to `endValue` in a straight line: {@link polynomialSchedule} with power 1.
 *
 * @example
 * linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4, transitionBegin: 2 })(3); // 0.75
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `linear_schedule`.
 */
export const linearSchedule: (options: LinearScheduleOptions) => Schedule =
  defineSchedule<LinearScheduleSpec>('optax.linearSchedule', linearProperties, polynomial);

/**
 * Linearly from `initValue` to `peakValue`, then constant.
 *
 * @example
 * warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 4 })(1); // 0.25
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `warmup_constant_schedule`.
 */
export const warmupConstantSchedule: (options: WarmupConstantScheduleOptions) => Schedule =
  defineSchedule<WarmupConstantScheduleSpec>('optax.warmupConstantSchedule', warmupProperties, warmup);

/** The formula of {@link polynomialSchedule}. */
export function polynomial(options: LinearScheduleOptions & { readonly power?: number }): Evaluate {
  const { initValue, endValue, power = 1, transitionSteps, transitionBegin = 0 } = options;
  if (transitionSteps <= 0) return () => initValue;
  const begin = Math.max(transitionBegin, 0);
  return (step) => {
    const rest = 1 - Math.min(Math.max(step - begin, 0), transitionSteps) / transitionSteps;
    return (initValue - endValue) * (power === 1 ? rest : rest ** power) + endValue;
  };
}

/** The formula of {@link warmupConstantSchedule}. */
export function warmup({ initValue, peakValue, warmupSteps }: WarmupConstantScheduleOptions): Evaluate {
  return polynomial({ initValue, endValue: peakValue, transitionSteps: warmupSteps });
}
