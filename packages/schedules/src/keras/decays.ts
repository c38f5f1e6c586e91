import { requireThat } from '../checks.ts';
import { defineRate, type RateOnly } from '../define-schedule.ts';
import { cosineDecay as cosine } from '../optax/cosine-decay.ts';
import { exponential } from '../optax/exponential-decay.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { boolean, listOf, nonNegative, number, positive } from '../spec-type.ts';

/** Options of {@link exponentialDecay} and {@link inverseTimeDecay}. */
export type ExponentialDecayOptions = {
  /** Rate at step 0; at least 0. */
  readonly initialLearningRate: number;
  /** Updates that `decayRate` stands for; greater than 0. */
  readonly decaySteps: number;
  /** At least 0. */
  readonly decayRate: number;
  /** Decays at multiples of `decaySteps` only. @default false */
  readonly staircase?: boolean;
};

/** Options of {@link inverseTimeDecay}. */
export type InverseTimeDecayOptions = ExponentialDecayOptions;

/** Options of {@link piecewiseConstantDecay}. */
export type PiecewiseConstantDecayOptions = {
  /** Last step of each value but the last one; increasing. */
  readonly boundaries: readonly number[];
  /** One more than boundaries, each at least 0. */
  readonly values: readonly number[];
};

/** Options of {@link polynomialDecay}. */
export type PolynomialDecayOptions = {
  /** Rate at step 0; at least 0. */
  readonly initialLearningRate: number;
  /** Updates until `endLearningRate` is reached; greater than 0. */
  readonly decaySteps: number;
  /** The last rate; at least 0. @default 0.0001 */
  readonly endLearningRate?: number;
  /** At least 0; 1 is a straight line. @default 1 */
  readonly power?: number;
  /** Stretches the decay to the next multiple of `decaySteps` instead of ending it. @default false */
  readonly cycle?: boolean;
};

/** Options of {@link cosineDecay}. */
export type CosineDecayOptions = {
  /** Rate at step 0; at least 0. */
  readonly initialLearningRate: number;
  /** Updates of the cosine, the warm-up **not** included; greater than 0. */
  readonly decaySteps: number;
  /** The last rate as a part of the highest; at least 0. @default 0 */
  readonly alpha?: number;
  /** Rate at the end of the warm-up, at least 0; without it there is no warm-up. @default null */
  readonly warmupTarget?: number | null;
  /** Updates of the warm-up; at least 0. @default 0 */
  readonly warmupSteps?: number;
};

/** Options of {@link cosineDecayRestarts}. */
export type CosineDecayRestartsOptions = {
  /** Rate at step 0; at least 0. */
  readonly initialLearningRate: number;
  /** Updates of the first cycle; greater than 0. */
  readonly firstDecaySteps: number;
  /** How many times longer each cycle is than the one before it; from 1 to 1,000,000. @default 2 */
  readonly tMul?: number;
  /** How many times higher each cycle begins than the one before it; at least 0. @default 1 */
  readonly mMul?: number;
  /** The lowest rate as a part of `initialLearningRate`, whatever `mMul` is; from 0 to 1. @default 0 */
  readonly alpha?: number;
};

/** An {@link exponentialDecay} as JSON. */
export type ExponentialDecaySpec = Required<ExponentialDecayOptions> & {
  readonly type: 'keras.exponentialDecay';
};

/** An {@link inverseTimeDecay} as JSON. */
export type InverseTimeDecaySpec = Required<InverseTimeDecayOptions> & {
  readonly type: 'keras.inverseTimeDecay';
};

/** A {@link piecewiseConstantDecay} as JSON. */
export type PiecewiseConstantDecaySpec = PiecewiseConstantDecayOptions & {
  readonly type: 'keras.piecewiseConstantDecay';
};

/** A {@link polynomialDecay} as JSON. */
export type PolynomialDecaySpec = Required<PolynomialDecayOptions> & {
  readonly type: 'keras.polynomialDecay';
};

/** A {@link cosineDecay} as JSON. */
export type CosineDecaySpec = Required<CosineDecayOptions> & { readonly type: 'keras.cosineDecay' };

/** A {@link cosineDecayRestarts} schedule as JSON. */
export type CosineDecayRestartsSpec = Required<CosineDecayRestartsOptions> & {
  readonly type: 'keras.cosineDecayRestarts';
};

const initialAndSteps = { initialLearningRate: nonNegative, decaySteps: positive };
export const exponentialDecayProperties: Properties = {
  ...initialAndSteps,
  decayRate: nonNegative,
  'staircase?': withDefault(boolean, false),
};
export const piecewiseConstantDecayProperties: Properties = {
  boundaries: listOf(number),
  values: listOf(nonNegative),
};
export const polynomialDecayProperties: Properties = {
  ...initialAndSteps,
  'endLearningRate?': withDefault(nonNegative, 1e-4),
  'power?': withDefault(nonNegative, 1),
  'cycle?': withDefault(boolean, false),
};
export const cosineDecayProperties: Properties = {
  ...initialAndSteps,
  'alpha?': withDefault(nonNegative, 0),
  'warmupTarget?': withDefault(nonNegative, null),
  'warmupSteps?': withDefault(nonNegative, 0),
};
export const cosineDecayRestartsProperties: Properties = {
  initialLearningRate: nonNegative,
  firstDecaySteps: positive,
  'tMul?': withDefault({ ...number, minimum: 1, maximum: 1e6 }, 2),
  'mMul?': withDefault(nonNegative, 1),
  'alpha?': withDefault({ ...nonNegative, maximum: 1 }, 0),
};

/**
 * initial·decayRate^(n / decaySteps), for ever.
 *
 * @example
 * exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.25 }).learningRate(1); // 0.5
 * @throws RangeError if an option is out of range.
 * @see Keras 3.15.1, `ExponentialDecay`.
 */
export const exponentialDecay: (options: ExponentialDecayOptions) => RateOnly =
  defineRate<ExponentialDecaySpec>(
    'keras.exponentialDecay',
    exponentialDecayProperties,
    ({ initialLearningRate, decayRate, decaySteps, staircase }) =>
      exponential(initialLearningRate, decayRate, decaySteps, staircase),
  );

/**
 * initial / (1 + decayRate·n / decaySteps), for ever.
 *
 * @example
 * inverseTimeDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }).learningRate(4); // 0.5
 * @throws RangeError if an option is out of range.
 * @see Keras 3.15.1, `InverseTimeDecay`.
 */
export const inverseTimeDecay: (options: InverseTimeDecayOptions) => RateOnly =
  defineRate<InverseTimeDecaySpec>(
    'keras.inverseTimeDecay',
    exponentialDecayProperties,
    ({ initialLearningRate, decayRate, decaySteps, staircase }) =>
      (step) => {
        const p = step / decaySteps;
        return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(p) : p));
      },
  );

/**
 * `values[i]` up to and **including** step `boundaries[i]`, then the next; optax and torch change at the boundary.
 *
 * @example
 * const { learningRate } = piecewiseConstantDecay({ boundaries: [10], values: [1, 0.1] });
 * [10, 11].map(learningRate); // [1, 0.1]
 * @throws RangeError if an option is out of range, or if boundaries do not increase (Keras adds up what overlaps).
 * @see Keras 3.15.1, `PiecewiseConstantDecay`.
 */
export const piecewiseConstantDecay: (options: PiecewiseConstantDecayOptions) => RateOnly =
  defineRate<PiecewiseConstantDecaySpec>(
    'keras.piecewiseConstantDecay',
    piecewiseConstantDecayProperties,
    ({ boundaries, values }) => {
      const name = 'piecewiseConstantDecay: boundaries';
      const increasing = boundaries.every(
        (step, index) => index === 0 || step > (boundaries[index - 1] ?? step),
      );
      const fits = values.length === boundaries.length + 1;
      requireThat(increasing && fits, name, boundaries, 'increasing, and one fewer than values');
      return (step) => {
        let index = 0;
        while (step > (boundaries[index] ?? Infinity)) index++;
        return values[index] ?? 0;
      };
    },
  );

/**
 * (initial − end)·(1 − n/T)^power + end, with T = decaySteps and n at most T.
 *
 * With `cycle`, T is the first multiple of `decaySteps` that is at least n instead: the rate is `endLearningRate` at
 * each multiple, and jumps back up after it, less high each time.
 *
 * @example
 * polynomialDecay({ initialLearningRate: 1, decaySteps: 4, endLearningRate: 0 }).learningRate(1); // 0.75
 * @throws RangeError if an option is out of range.
 * @see Keras 3.15.1, `PolynomialDecay`.
 */
export const polynomialDecay: (options: PolynomialDecayOptions) => RateOnly = defineRate<PolynomialDecaySpec>(
  'keras.polynomialDecay',
  polynomialDecayProperties,
  ({ initialLearningRate: from, endLearningRate: to, decaySteps, power, cycle }) =>
    (step) => {
      const p = step / (decaySteps * (cycle ? Math.ceil(step / decaySteps) || 1 : 1));
      return (from - to) * Math.max(1 - p, 0) ** power + to;
    },
);

/**
 * Linearly from the initial rate to `warmupTarget`, then along half a cosine to alpha·warmupTarget.
 *
 * `decaySteps` does not count the warm-up: the whole takes warmupSteps + decaySteps. (In optax it does.) Without a
 * `warmupTarget` the cosine begins at step 0 from the initial rate, whatever `warmupSteps` is.
 *
 * @example
 * const warmup = { warmupTarget: 1, warmupSteps: 2 };
 * cosineDecay({ initialLearningRate: 0, decaySteps: 8, ...warmup }).learningRate(6); // 0.5
 * @throws RangeError if an option is out of range.
 * @see Keras 3.15.1, `CosineDecay`.
 */
export const cosineDecay: (options: CosineDecayOptions) => RateOnly = defineRate<CosineDecaySpec>(
  'keras.cosineDecay',
  cosineDecayProperties,
  ({ initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    const decay = cosine(warmupTarget ?? initialLearningRate, decaySteps, alpha, 1);
    if (warmupTarget === null) return decay;
    const rise = warmupTarget - initialLearningRate;
    return (step) =>
      step < warmupSteps ? rise * (step / warmupSteps) + initialLearningRate : decay(step - warmupSteps);
  },
);

/**
 * Half cosines from the initial rate down, each cycle `tMul` times as long and `mMul` times as high as the last.
 *
 * A cycle's lowest rate, alpha·initial in all of them, is not reached: there the next begins. In Keras the rounding
 * of a logarithm can put a restart one update later (first after 121 or 111 times `firstDecaySteps` for a `tMul` of 3
 * or 10); here it is where it belongs.
 *
 * @example
 * const { learningRate } = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 4 });
 * [0, 4, 8].map(learningRate); // [1, 1, 0.5]
 * @throws RangeError if an option is out of range; Keras takes a `tMul` below 1 and gives NaN after a while.
 * @see Keras 3.15.1, `CosineDecayRestarts`; Loshchilov and Hutter, SGDR (arXiv 1608.03983).
 */
export const cosineDecayRestarts: (options: CosineDecayRestartsOptions) => RateOnly =
  defineRate<CosineDecayRestartsSpec>(
    'keras.cosineDecayRestarts',
    cosineDecayRestartsProperties,
    ({ initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) =>
      (step) => {
        const cycles = step / firstDecaySteps;
        // Without the 1e-9 the logarithm may round to just below a restart.
        const restarts = Math.floor(
          tMul === 1 ? cycles : Math.log(1 - cycles * (1 - tMul)) / Math.log(tMul) + 1e-9,
        );
        const length = tMul ** restarts;
        const begin = tMul === 1 ? restarts : (1 - length) / (1 - tMul);
        // The power may overflow, and 0·∞ is NaN.
        const height = 0.5 * Math.min(mMul ** restarts, Number.MAX_VALUE);
        const cosine = height * (1 + Math.cos((Math.PI * (cycles - begin)) / length));
        return initialLearningRate * ((1 - alpha) * cosine + alpha);
      },
  );
