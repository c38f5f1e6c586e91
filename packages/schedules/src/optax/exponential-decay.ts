import { defineSchedule, type Evaluate } from '../define-schedule.ts';
import { finitePower } from '../finite-power.ts';
import type { Schedule } from '../schedule.ts';
import { boolean, nonNegative, number } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';

/** Options of {@link exponentialDecay}. */
export type ExponentialDecayOptions = {
  /** Value until `transitionBegin`; at least 0. */
  readonly initValue: number;
  /** Updates in which the value is multiplied by `decayRate`; at 0 or less the value is constant. */
  readonly transitionSteps: number;
  /** At least 0; with 0 the value is constant. */
  readonly decayRate: number;
  /** Updates before the decay begins; a negative number counts as 0. @default 0 */
  readonly transitionBegin?: number;
  /** Decays in whole powers of `decayRate` only. @default false */
  readonly staircase?: boolean;
  /** Where the decay stops: a lower bound if `decayRate` < 1, otherwise an upper bound. @default null */
  readonly endValue?: number | null;
};

/** An {@link exponentialDecay} schedule as JSON. */
export type ExponentialDecaySpec = Required<ExponentialDecayOptions> & {
  readonly type: 'optax.exponentialDecay';
};

export const exponentialDecayProperties: Properties = {
  initValue: nonNegative,
  transitionSteps: number,
  decayRate: nonNegative,
  'transitionBegin?': withDefault(number, 0),
  'staircase?': withDefault(boolean, false),
  'endValue?': withDefault(nonNegative, null),
};

/**
 * initValue·decayRate^(t / transitionSteps) with t = step − transitionBegin, from t = 0 on.
 *
 * There is no last step: without `endValue` a rate below 1 decays for ever, one above 1 grows for ever.
 *
 * @example
 * exponentialDecay({ initValue: 1, transitionSteps: 2, decayRate: 0.25 })(1); // 0.5
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `exponential_decay`.
 */
export const exponentialDecay: (options: ExponentialDecayOptions) => Schedule =
  defineSchedule<ExponentialDecaySpec>('optax.exponentialDecay', exponentialDecayProperties, (spec) =>
    decayFrom(spec.initValue, spec),
  );

/** {@link exponentialDecay} with another first value. */
export function decayFrom(
  value: number,
  spec: Required<Omit<ExponentialDecayOptions, 'initValue'>>,
): Evaluate {
  const { transitionSteps, decayRate, transitionBegin, staircase, endValue } = spec;
  if (transitionSteps <= 0 || decayRate === 0) return () => value;
  const begin = Math.max(transitionBegin, 0);
  const decay = exponential(value, decayRate, transitionSteps, staircase);
  if (endValue === null) return (step) => decay(step - begin);
  const bound = decayRate < 1 ? Math.max : Math.min;
  return (step) => bound(decay(step - begin), endValue);
}

/** value·rate^(step / steps). */
export function exponential(value: number, rate: number, steps: number, staircase: boolean): Evaluate {
  return (step) => {
    const p = Math.max(step, 0) / steps;
    return Math.min(value * finitePower(rate, staircase ? Math.floor(p) : p), Number.MAX_VALUE);
  };
}
