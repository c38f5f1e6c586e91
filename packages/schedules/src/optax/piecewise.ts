import { piecewise, type Interpolation, type Knot } from '../piecewise.ts';
import { defineSchedule } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';
import { nonNegative, oneOf } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';

/** Options of {@link piecewiseConstantSchedule}. */
export type PiecewiseConstantScheduleOptions = {
  /** Value before the first boundary; at least 0. */
  readonly initValue: number;
  /** What the value is multiplied by, at least 0, under the step where it happens, at least 0. @default {} */
  readonly boundariesAndScales?: Readonly<Record<number, number>>;
};

/** Options of {@link piecewiseInterpolateSchedule}. */
export type PiecewiseInterpolateScheduleOptions = PiecewiseConstantScheduleOptions & {
  readonly interpolateType: 'linear' | 'cosine';
};

/** A {@link piecewiseConstantSchedule} as JSON. */
export type PiecewiseConstantScheduleSpec = Required<PiecewiseConstantScheduleOptions> & {
  readonly type: 'optax.piecewiseConstantSchedule';
};

/** A {@link piecewiseInterpolateSchedule} as JSON. */
export type PiecewiseInterpolateScheduleSpec = Required<PiecewiseInterpolateScheduleOptions> & {
  readonly type: 'optax.piecewiseInterpolateSchedule';
};

export const piecewiseConstantProperties: Properties = {
  initValue: nonNegative,
  'boundariesAndScales?': withDefault({ type: 'object', additionalProperties: nonNegative }, {}),
};
export const piecewiseInterpolateProperties: Properties = {
  interpolateType: oneOf(['linear', 'cosine']),
  ...piecewiseConstantProperties,
};

/**
 * Constant between boundaries: `initValue` times every scale whose boundary is at or before the step.
 *
 * The scales multiply up: `{ 100: 0.1, 200: 0.01 }` ends at a thousandth of `initValue`.
 *
 * @example
 * piecewiseConstantSchedule({ initValue: 1, boundariesAndScales: { 2: 0.5, 4: 0.5 } })(4); // 0.25
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `piecewise_constant_schedule`.
 */
export const piecewiseConstantSchedule: (options: PiecewiseConstantScheduleOptions) => Schedule =
  defineSchedule<PiecewiseConstantScheduleSpec>(
    'optax.piecewiseConstantSchedule',
    piecewiseConstantProperties,
    ({ initValue, boundariesAndScales }) => scaledPiecewise(initValue, boundariesAndScales, 'step'),
  );

/**
 * The points of {@link piecewiseConstantSchedule} joined by straight lines or half cosines; the last value holds.
 *
 * The scales multiply up, and the values in between are interpolated, not the scales.
 *
 * @example
 * const boundariesAndScales = { 4: 0.5, 8: 0.5 };
 * piecewiseInterpolateSchedule({ interpolateType: 'linear', initValue: 1, boundariesAndScales })(2); // 0.75
 * @throws RangeError if an option is out of range.
 * @see optax 0.2.8, `piecewise_interpolate_schedule`.
 */
export const piecewiseInterpolateSchedule: (options: PiecewiseInterpolateScheduleOptions) => Schedule =
  defineSchedule<PiecewiseInterpolateScheduleSpec>(
    'optax.piecewiseInterpolateSchedule',
    piecewiseInterpolateProperties,
    ({ initValue, boundariesAndScales, interpolateType }) =>
      scaledPiecewise(initValue, boundariesAndScales, interpolateType),
  );

/** A boundary at step 0 takes the first value's place, as in optax. */
export function scaledPiecewise(
  initValue: number,
  boundariesAndScales: Readonly<Record<number, number>>,
  interpolation: Interpolation,
): Schedule {
  const scales = Object.entries(boundariesAndScales).map(([step, scale]) => ({ step: Number(step), scale }));
  let value = initValue;
  const knots: Knot[] = [{ step: 0, value }];
  for (const { step, scale } of scales.sort((a, b) => a.step - b.step)) {
    value *= scale;
    if (step === 0) knots.pop();
    knots.push({ step, value });
  }
  return piecewise({ knots, interpolation });
}
