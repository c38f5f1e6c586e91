import { defineSchedule } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';
import { nonNegative, positive } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { scaledPiecewise } from './piecewise.ts';

/** Options of {@link cosineOnecycleSchedule}. */
export type CosineOnecycleScheduleOptions = {
  /** Updates until the last value is reached; greater than 0. */
  readonly transitionSteps: number;
  /** The highest value, at step `trunc(pctStart·transitionSteps)`; at least 0. */
  readonly peakValue: number;
  /** Part of the run in which the value rises, at least 0. @default 0.3 */
  readonly pctStart?: number;
  /** The first value is `peakValue / divFactor`; greater than 0. @default 25 */
  readonly divFactor?: number;
  /** The last value is the first one divided by this; greater than 0. @default 10_000 */
  readonly finalDivFactor?: number;
};

/** Options of {@link linearOnecycleSchedule}. */
export type LinearOnecycleScheduleOptions = CosineOnecycleScheduleOptions & {
  /** Part of the run after which the value is back at the first one, at least 0. @default 0.85 */
  readonly pctFinal?: number;
};

/** A {@link cosineOnecycleSchedule} as JSON. */
export type CosineOnecycleScheduleSpec = Required<CosineOnecycleScheduleOptions> & {
  readonly type: 'optax.cosineOnecycleSchedule';
};

/** A {@link linearOnecycleSchedule} as JSON. */
export type LinearOnecycleScheduleSpec = Required<LinearOnecycleScheduleOptions> & {
  readonly type: 'optax.linearOnecycleSchedule';
};

export const cosineOnecycleProperties: Properties = {
  transitionSteps: positive,
  peakValue: nonNegative,
  'pctStart?': withDefault(nonNegative, 0.3),
  'divFactor?': withDefault(positive, 25),
  'finalDivFactor?': withDefault(positive, 1e4),
};
export const linearOnecycleProperties: Properties = {
  ...cosineOnecycleProperties,
  'pctFinal?': withDefault(nonNegative, 0.85),
};

/**
 * From peak / divFactor up to the peak, then down to peak / (divFactor·finalDivFactor), along half cosines.
 *
 * The peak is at step trunc(pctStart·T), the last value at step T: torch's `OneCycleLR` has both a step earlier.
 * Where trunc(pctStart·T) is 0 there is no rise and the value starts at the peak.
 *
 * @example
 * cosineOnecycleSchedule({ transitionSteps: 10, peakValue: 1 })(3); // 1
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `cosine_onecycle_schedule`.
 */
export const cosineOnecycleSchedule: (options: CosineOnecycleScheduleOptions) => Schedule =
  defineSchedule<CosineOnecycleScheduleSpec>(
    'optax.cosineOnecycleSchedule',
    cosineOnecycleProperties,
    ({ transitionSteps, peakValue, pctStart, divFactor, finalDivFactor }) => {
      const scales = {
        [Math.trunc(pctStart * transitionSteps)]: divFactor,
        [Math.trunc(transitionSteps)]: 1 / (divFactor * finalDivFactor),
      };
      return scaledPiecewise(peakValue / divFactor, scales, 'cosine');
    },
  );

/**
 * In straight lines from peak / divFactor up to the peak, back down, then to peak / (divFactor·finalDivFactor).
 *
 * The corners are at steps trunc(pctStart·T), trunc(pctFinal·T) and T. In a short run two of them may be the same
 * step: then only the later one's factor counts, so that for T = 1 the value starts at peak / divFactor².
 *
 * @example
 * linearOnecycleSchedule({ transitionSteps: 10, peakValue: 1 })(8); // 0.04
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `linear_onecycle_schedule`.
 */
export const linearOnecycleSchedule: (options: LinearOnecycleScheduleOptions) => Schedule =
  defineSchedule<LinearOnecycleScheduleSpec>(
    'optax.linearOnecycleSchedule',
    linearOnecycleProperties,
    ({ transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor }) => {
      const scales = {
        [Math.trunc(pctStart * transitionSteps)]: divFactor,
        [Math.trunc(pctFinal * transitionSteps)]: 1 / divFactor,
        [transitionSteps]: 1 / finalDivFactor,
      };
      return scaledPiecewise(peakValue / divFactor, scales, 'linear');
    },
  );
