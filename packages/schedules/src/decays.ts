import { defineSchedule, type Evaluate } from './define-schedule.ts';
import { interpolate } from './piecewise.ts';
import { withDefault, type Properties } from './resolve-options.ts';
import type { Schedule } from './schedule.ts';
import { count, nonNegative, positive } from './spec-type.ts';

/** Options of {@link cosine}. */
export type CosineOptions = {
  /** Value at step 0 and before; at least 0. */
  readonly from: number;
  /** Value at step `steps` and after; at least 0. */
  readonly to: number;
  /** Updates from one to the other; an integer of at least 1. */
  readonly steps: number;
};

/** Options of {@link polynomial}. */
export type PolynomialOptions = CosineOptions & {
  /** Greater than 0; 1 is a straight line. @default 1 */
  readonly power?: number;
};

/** Options of {@link inverseSquareRoot}. */
export type InverseSquareRootOptions = {
  /** Value at step 0 and before; at least 0. */
  readonly initial: number;
  /** Updates after which the value is initial/√2; greater than 0. */
  readonly timescale: number;
};

/** Options of {@link inverseTime}. */
export type InverseTimeOptions = {
  /** Value at step 0 and before; at least 0. */
  readonly initial: number;
  /** At least 0. */
  readonly rate: number;
  /** At least 0. @default 1 */
  readonly power?: number;
};

/** Options of {@link stepDecay}. */
export type StepDecayOptions = {
  /** Value before the first decay; at least 0. */
  readonly initial: number;
  /** What each decay multiplies the value by; from 0 to 1. */
  readonly factor: number;
  /** Updates from one decay to the next; an integer of at least 1. */
  readonly stepSize: number;
};

/** A {@link cosine} schedule as JSON. */
export type CosineSpec = CosineOptions & { readonly type: 'cosine' };

/** A {@link polynomial} schedule as JSON. */
export type PolynomialSpec = Required<PolynomialOptions> & { readonly type: 'polynomial' };

/** An {@link inverseSquareRoot} schedule as JSON. */
export type InverseSquareRootSpec = InverseSquareRootOptions & { readonly type: 'inverseSquareRoot' };

/** An {@link inverseTime} schedule as JSON. */
export type InverseTimeSpec = Required<InverseTimeOptions> & { readonly type: 'inverseTime' };

/** A {@link stepDecay} schedule as JSON. */
export type StepDecaySpec = StepDecayOptions & { readonly type: 'stepDecay' };

export const cosineProperties: Properties = { from: nonNegative, to: nonNegative, steps: count };
export const polynomialProperties: Properties = { ...cosineProperties, 'power?': withDefault(positive, 1) };
export const inverseSquareRootProperties: Properties = { initial: nonNegative, timescale: positive };
export const inverseTimeProperties: Properties = {
  initial: nonNegative,
  rate: nonNegative,
  'power?': withDefault(nonNegative, 1),
};
export const stepDecayProperties: Properties = {
  initial: nonNegative,
  factor: { ...nonNegative, maximum: 1 },
  stepSize: count,
};

/**
 * Half a cosine: to + (from − to)·(1 + cos πp) / 2 with p = step/steps, then `to`.
 *
 * For any scalar, such as a weight decay that grows as the rate falls.
 *
 * @example
 * cosine({ from: 0.04, to: 0.4, steps: 100 })(50); // 0.22
 * @throws RangeError if an option is out of range.
 * @see Loshchilov and Hutter, SGDR (arXiv 1608.03983), equation 5, for one cycle.
 */
export const cosine: (options: CosineOptions) => Schedule = defineSchedule<CosineSpec>(
  'cosine',
  cosineProperties,
  ({ from, to, steps }) =>
    interpolate(
      [
        { step: 0, value: from },
        { step: steps, value: to },
      ],
      'cosine',
    ),
);

/**
 * to + (from − to)·(1 − p)^power with p = step/steps, then `to`.
 *
 * @example
 * polynomial({ from: 1, to: 0, steps: 4, power: 2 })(2); // 0.25
 * @throws RangeError if an option is out of range.
 * @see Chen et al., DeepLab (arXiv 1606.00915), section 4.1: "poly", with a power of 0.9.
 */
export const polynomial: (options: PolynomialOptions) => Schedule = defineSchedule<PolynomialSpec>(
  'polynomial',
  polynomialProperties,
  ({ from, to, steps, power }) => {
    const at = between(to, from);
    return (step) => at((1 - Math.min(step / steps, 1)) ** power);
  },
);

/**
 * initial / √(1 + step/timescale), for ever.
 *
 * After a warm-up of `timescale` updates, `warmUp(inverseSquareRoot({ initial, timescale }), { steps: timescale })`,
 * it is the rate of the Transformer, initial·√(timescale/n) at n ≥ timescale.
 *
 * @example
 * inverseSquareRoot({ initial: 1, timescale: 1_000 })(3_000); // 0.5
 * @throws RangeError if an option is out of range.
 * @see Vaswani et al., Attention Is All You Need (arXiv 1706.03762), section 5.3; transformers,
 * `get_inverse_sqrt_schedule`, whose warm-up and timescale may differ.
 */
export const inverseSquareRoot: (options: InverseSquareRootOptions) => Schedule =
  defineSchedule<InverseSquareRootSpec>(
    'inverseSquareRoot',
    inverseSquareRootProperties,
    ({ initial, timescale }) =>
      (step) =>
        initial / Math.sqrt(1 + step / timescale),
  );

/**
 * initial·(1 + rate·step)^(−power), for ever.
 *
 * @example
 * inverseTime({ initial: 0.01, rate: 0.5 })(2); // 0.005
 * @throws RangeError if an option is out of range.
 * @see Caffe 1.0, `SGDSolver::GetLearningRate`: the policy `inv`, with `gamma` for the rate.
 */
export const inverseTime: (options: InverseTimeOptions) => Schedule = defineSchedule<InverseTimeSpec>(
  'inverseTime',
  inverseTimeProperties,
  ({ initial, rate, power }) =>
    (step) =>
      initial / (1 + rate * step) ** power,
);

/**
 * initial·factor^⌊step/stepSize⌋, for ever.
 *
 * For any scalar, such as the momentum of batch normalisation, which halves every `stepSize` updates with a factor
 * of 0.5.
 *
 * @example
 * stepDecay({ initial: 0.1, factor: 0.5, stepSize: 30 })(60); // 0.025
 * @throws RangeError if an option is out of range.
 */
export const stepDecay: (options: StepDecayOptions) => Schedule = defineSchedule<StepDecaySpec>(
  'stepDecay',
  stepDecayProperties,
  ({ initial, factor, stepSize }) =>
    (step) =>
      initial * factor ** Math.floor(step / stepSize),
);

/** From `low` at 0 to `high` at 1, each exact, and nothing beyond them. */
export function between(low: number, high: number): Evaluate {
  const [least, most] = [Math.min(low, high), Math.max(low, high)];
  return (x) => {
    if (x <= 0) return low;
    return x >= 1 ? high : Math.min(Math.max(low + (high - low) * x, least), most);
  };
}
