import { defineSchedule, type Evaluate } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';
import { nonNegative, positive } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';

/** Options of {@link cosineDecaySchedule}. */
export type CosineDecayScheduleOptions = {
  /** Value at step 0; at least 0. */
  readonly initValue: number;
  /** Updates until `alpha·initValue` is reached; greater than 0. */
  readonly decaySteps: number;
  /** The last value as a part of `initValue`; at least 0. @default 0 */
  readonly alpha?: number;
  /** Power of the cosine; at least 0. @default 1 */
  readonly exponent?: number;
};

/** A {@link cosineDecaySchedule} as JSON. */
export type CosineDecayScheduleSpec = Required<CosineDecayScheduleOptions> & {
  readonly type: 'optax.cosineDecaySchedule';
};

export const cosineDecayProperties: Properties = {
  initValue: nonNegative,
  decaySteps: positive,
  'alpha?': withDefault(nonNegative, 0),
  'exponent?': withDefault(nonNegative, 1),
};

/**
 * init·((1 − α)·(½(1 + cos(πn/T)))^exponent + α), with n the step up to T = decaySteps.
 *
 * `alpha` is a ratio, not a value, and is reached at n = T: the last of T updates runs a little above it.
 *
 * @example
 * cosineDecaySchedule({ initValue: 1, decaySteps: 4, alpha: 0.5 })(4); // 0.5
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `cosine_decay_schedule`.
 */
export const cosineDecaySchedule: (options: CosineDecayScheduleOptions) => Schedule =
  defineSchedule<CosineDecayScheduleSpec>(
    'optax.cosineDecaySchedule',
    cosineDecayProperties,
    ({ initValue, decaySteps, alpha, exponent }) => cosineDecay(initValue, decaySteps, alpha, exponent),
  );

/** The formula of {@link cosineDecaySchedule}, for steps from 0 on. */
export function cosineDecay(value: number, steps: number, alpha: number, exponent: number): Evaluate {
  return (step) => {
    const cosine = 0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));
    return value * ((1 - alpha) * (exponent === 1 ? cosine : cosine ** exponent) + alpha);
  };
}
