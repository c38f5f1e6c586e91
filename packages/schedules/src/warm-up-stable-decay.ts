import { between } from './decays.ts';
import { defineSchedule, type Evaluate } from './define-schedule.ts';
import { interpolate } from './piecewise.ts';
import { withDefault, type Properties } from './resolve-options.ts';
import type { Schedule } from './schedule.ts';
import { count, integer, nonNegative, oneOf } from './spec-type.ts';

/** Shape of the decay; see {@link warmUpStableDecay}. */
type Decay = 'linear' | 'cosine' | 'one-minus-sqrt';

/** What is left of the way from `peak` to `to` at p, from 0 to 1, of a decay. */
const left: Readonly<Record<Decay, Evaluate>> = {
  linear: (p) => 1 - p,
  cosine: (p) => (1 + Math.cos(Math.PI * p)) / 2,
  'one-minus-sqrt': (p) => 1 - Math.sqrt(p),
};

/** Options of {@link warmUpStableDecay}. */
export type WarmUpStableDecayOptions = {
  /** Value between the warm-up and the decay; at least 0. */
  readonly peak: number;
  /** Updates of the warm-up; an integer of at least 0. */
  readonly warmUpSteps: number;
  /** Updates at the peak; an integer of at least 0. */
  readonly stableSteps: number;
  /** Updates of the decay; an integer of at least 1. */
  readonly decaySteps: number;
  /** Value at step 0 if there is a warm-up; at least 0. @default 0 */
  readonly from?: number;
  /** Value once all updates are done; at least 0. @default 0 */
  readonly to?: number;
  /** @default 'linear' */
  readonly decay?: Decay;
};

/** Options of {@link flatThenCosine}. */
export type FlatThenCosineOptions = {
  /** Value before the decay; at least 0. */
  readonly value: number;
  /** Updates before the decay; an integer of at least 0. */
  readonly flatSteps: number;
  /** Updates of the decay; an integer of at least 1. */
  readonly decaySteps: number;
  /** Value once all updates are done; at least 0. @default 0 */
  readonly to?: number;
};

/** A {@link warmUpStableDecay} schedule as JSON. */
export type WarmUpStableDecaySpec = Required<WarmUpStableDecayOptions> & {
  readonly type: 'warmUpStableDecay';
};

/** A {@link flatThenCosine} schedule as JSON. */
export type FlatThenCosineSpec = Required<FlatThenCosineOptions> & { readonly type: 'flatThenCosine' };

const zeroOrMore = { ...integer, minimum: 0 };
export const warmUpStableDecayProperties: Properties = {
  peak: nonNegative,
  warmUpSteps: zeroOrMore,
  stableSteps: zeroOrMore,
  decaySteps: count,
  'from?': withDefault(nonNegative, 0),
  'to?': withDefault(nonNegative, 0),
  'decay?': withDefault(oneOf(Object.keys(left)), 'linear'),
};
export const flatThenCosineProperties: Properties = {
  value: nonNegative,
  flatSteps: zeroOrMore,
  decaySteps: count,
  'to?': withDefault(nonNegative, 0),
};

/**
 * WSD: linearly from `from` to `peak`, constant, then down to `to`.
 *
 * With p from 0 to 1 in the `decaySteps`, the decay is to + (peak − to)·d, where d is 1 − p (`'linear'`),
 * (1 + cos πp) / 2 (`'cosine'`) or 1 − √p (`'one-minus-sqrt'`). A longer run differs in `stableSteps` only, so that
 * any checkpoint of the stable phase can be gone on from.
 *
 * @example
 * const schedule = warmUpStableDecay({ peak: 1, warmUpSteps: 2, stableSteps: 6, decaySteps: 4 });
 * [1, 2, 8, 9, 12].map(schedule); // [0.5, 1, 1, 0.75, 0]
 * @throws RangeError if an option is out of range.
 * @see Hu et al., MiniCPM (arXiv 2404.06395), section 4; Hägele et al., Scaling Laws and Compute-Optimal Training
 * Beyond Fixed Training Durations (arXiv 2405.18392), section 3: 1 − √p.
 */
export const warmUpStableDecay: (options: WarmUpStableDecayOptions) => Schedule =
  defineSchedule<WarmUpStableDecaySpec>('warmUpStableDecay', warmUpStableDecayProperties, (spec) => {
    const { peak, warmUpSteps, stableSteps, decaySteps, from, to, decay } = spec;
    const rise = between(from, peak);
    const fall = between(to, peak);
    const leftAt = left[decay];
    const begin = warmUpSteps + stableSteps;
    return (step) => {
      if (step < warmUpSteps) return rise(step / warmUpSteps);
      return step < begin ? peak : fall(leftAt(Math.min((step - begin) / decaySteps, 1)));
    };
  });

/**
 * Constant for `flatSteps` updates, then half a cosine to `to`: the shape of fastai's `fit_flat_cos`.
 *
 * @example
 * flatThenCosine({ value: 1, flatSteps: 75, decaySteps: 24 })(87); // 0.5
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8, `Learner.fit_flat_cos`; the subpath `/fastai` has it as it is there.
 */
export const flatThenCosine: (options: FlatThenCosineOptions) => Schedule =
  defineSchedule<FlatThenCosineSpec>(
    'flatThenCosine',
    flatThenCosineProperties,
    ({ value, flatSteps, decaySteps, to }) =>
      interpolate(
        [
          { step: flatSteps, value },
          { step: flatSteps + decaySteps, value: to },
        ],
        'cosine',
      ),
  );
