import { requireThat } from '../checks.ts';
import { finitePower } from '../finite-power.ts';
import { definePair, defineRate, type RateAndMomentum, type RateOnly } from '../define-schedule.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { boolean, count, nonNegative, oneOf, positive } from '../spec-type.ts';

const modes = ['triangular', 'triangular2', 'exp_range'] as const;

/** Options of {@link cyclicLR}. */
export type CyclicLROptions = {
  /** Rate at both ends of a cycle; at least 0. @default 0.001 */
  readonly baseLr?: number;
  /** Rate in the middle of a cycle; at least 0. @default 0.006 */
  readonly maxLr?: number;
  /** Half a cycle, in updates; greater than 0. @default 2000 */
  readonly stepSize?: number;
  /** Of each cycle's height: the same, halved with each, or times `gamma` with each update. @default 'triangular' */
  readonly mode?: (typeof modes)[number];
  /** For `'exp_range'`; at least 0. @default 1 */
  readonly gamma?: number;
};

/** Options of {@link oneCycleLR}. */
export type OneCycleLROptions = {
  /** Ten times the first rate with the default scale, see {@link oneCycleLR}; at least 0. */
  readonly maxLr: number;
  /** Updates in the whole run; an integer of at least 1. */
  readonly numIterations: number;
  /** Part of the run that the tail takes; from 0 to 1. @default 0.1 */
  readonly endPercentage?: number;
  /** The first rate as a part of `maxLr`; from 0 to 1, with `null` the same as `endPercentage`. @default null */
  readonly scalePercentage?: number | null;
  /** Momentum where the rate is lowest; at least `minimumMomentum`. @default 0.95 */
  readonly maximumMomentum?: number;
  /** Momentum where the rate is highest; at least 0. @default 0.85 */
  readonly minimumMomentum?: number;
  /** Refuses a run too short for a cycle, for which the original divides by zero. @default false */
  readonly strict?: boolean;
};

/** A {@link cyclicLR} as JSON. */
export type CyclicLRSpec = Required<CyclicLROptions> & { readonly type: 'keras.cyclicLR' };

/** One of the two schedules of {@link oneCycleLR} as JSON. */
export type OneCycleLRSpec = Required<OneCycleLROptions> & {
  readonly type: 'keras.oneCycleLR';
  readonly of: 'learningRate' | 'momentum';
};

const unit = { ...nonNegative, maximum: 1 };

export const cyclicLRProperties: Properties = {
  'baseLr?': withDefault(nonNegative, 0.001),
  'maxLr?': withDefault(nonNegative, 0.006),
  'stepSize?': withDefault(positive, 2000),
  'mode?': withDefault(oneOf(modes), 'triangular'),
  'gamma?': withDefault(nonNegative, 1),
};
export const oneCycleLRProperties: Properties = {
  maxLr: nonNegative,
  numIterations: count,
  'endPercentage?': withDefault(unit, 0.1),
  'scalePercentage?': withDefault(unit, null),
  'maximumMomentum?': withDefault(nonNegative, 0.95),
  'minimumMomentum?': withDefault(nonNegative, 0.85),
  'strict?': withDefault(boolean, false),
};

/**
 * Up and down in straight lines for ever: base + (max − base)·max(0, 1 − x)·f, with cycle = ⌊1 + n / (2·stepSize)⌋
 * and x = |n / stepSize − 2·cycle + 1|; f is 1, ½^(cycle − 1) or gamma^n. Where that is below 0, the rate is 0. The
 * original's `scale_fn` is not here: see `cyclic` with an `amplitude`.
 *
 * For Keras's callback `CyclicLR` of Brad Kenstler, which has other defaults than torch's and leaves momentum alone.
 *
 * @example
 * cyclicLR({ baseLr: 1, maxLr: 5, stepSize: 4, mode: 'triangular2' }).learningRate(12); // 3
 * @throws RangeError if an option is out of range.
 * @see bckenstler/CLR, `clr_callback.py`; Smith, Cyclical Learning Rates (arXiv 1506.01186).
 */
export const cyclicLR: (options?: CyclicLROptions) => RateOnly = defineRate<CyclicLRSpec>(
  'keras.cyclicLR',
  cyclicLRProperties,
  ({ baseLr, maxLr, stepSize, mode, gamma }) =>
    (step) => {
      const cycle = Math.floor(1 + step / (2 * stepSize));
      const x = Math.abs(step / stepSize - 2 * cycle + 1);
      const height =
        mode === 'exp_range' ? finitePower(gamma, step) : mode === 'triangular' ? 1 : 2 ** (1 - cycle);
      return Math.max(baseLr + (maxLr - baseLr) * Math.max(0, 1 - x) * height, 0);
    },
);

/**
 * Up and down in straight lines, then a tail down to a hundredth of the first rate; momentum the other way.
 *
 * With s = scalePercentage the first rate is s·maxLr and the highest 100·s²·maxLr: `maxLr` only where s is 0.1.
 * Each half of the cycle has ⌊numIterations·(1 − endPercentage) / 2⌋ updates. Where that is 0 the original divides
 * by zero; here the whole run is the tail, unless `strict`. The last update is one step above the lowest rate.
 *
 * @example
 * const { learningRate, momentum } = oneCycleLR({ maxLr: 1, numIterations: 100 });
 * [0, 45, 90].map(learningRate); // [0.1, 1, 0.1]
 * momentum(45); // 0.85
 * @throws RangeError if an option is out of range.
 * @see titu1994/keras-one-cycle, `clr.py`.
 */
export const oneCycleLR: (options: OneCycleLROptions) => RateAndMomentum = definePair<OneCycleLRSpec>(
  'keras.oneCycleLR',
  oneCycleLRProperties,
  (spec) => {
    const { maxLr, numIterations, endPercentage, maximumMomentum, minimumMomentum } = spec;
    const name = 'oneCycleLR: minimumMomentum';
    requireThat(minimumMomentum <= maximumMomentum, name, minimumMomentum, '≤ maximumMomentum');
    const half = Math.trunc((numIterations * (1 - endPercentage)) / 2);
    const tail = numIterations - 2 * half;
    const enough = half > 0 || !spec.strict;
    requireThat(enough, 'oneCycleLR: numIterations', numIterations, 'enough for a cycle of two');
    const scale = spec.scalePercentage ?? endPercentage;

    /** From 0 at both ends of the cycle to 1 in its middle. */
    const progress = (step: number): number => {
      if (step > 2 * half || half === 0) return 0;
      return step > half ? 1 - (step - half) / half : step / half;
    };
    if (spec.of === 'momentum') {
      return (step) => maximumMomentum - progress(step) * (maximumMomentum - minimumMomentum);
    }
    return (step) => {
      if (step <= 2 * half || tail === 0) return maxLr * (1 + progress(step) * (scale * 100 - 1)) * scale;
      const p = (Math.min(step, numIterations) - 2 * half) / tail;
      return maxLr * (1 + (p * (1 - 100)) / 100) * scale;
    };
  },
);
