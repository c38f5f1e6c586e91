import { defineRate, type RateOnly } from '../define-schedule.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { count, nonNegative } from '../spec-type.ts';
import { bounded, cosine } from './torch-schedules.ts';

/** Options of {@link cosineAnnealingLR}. */
export type CosineAnnealingLROptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Steps from `lr` down to `etaMin`; an integer of at least 1. */
  readonly tMax: number;
  /** The lowest rate; at least 0. @default 0 */
  readonly etaMin?: number;
};

/** Options of {@link cosineAnnealingWarmRestarts}. */
export type CosineAnnealingWarmRestartsOptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Steps of the first cycle; an integer of at least 1. */
  readonly t0: number;
  /** How many times as long each cycle is as the one before it; an integer of at least 1. @default 1 */
  readonly tMult?: number;
  /** What every cycle falls towards; at least 0. @default 0 */
  readonly etaMin?: number;
};

/** The learning rate of {@link cosineAnnealingLR} as JSON. */
export type CosineAnnealingLRSpec = Required<CosineAnnealingLROptions> & {
  readonly type: 'torch.cosineAnnealingLR';
};

/** The learning rate of {@link cosineAnnealingWarmRestarts} as JSON. */
export type CosineAnnealingWarmRestartsSpec = Required<CosineAnnealingWarmRestartsOptions> & {
  readonly type: 'torch.cosineAnnealingWarmRestarts';
};

const etaMin = withDefault(nonNegative, 0);
export const cosineAnnealingProperties: Properties = { lr: nonNegative, tMax: count, 'etaMin?': etaMin };
export const warmRestartsProperties: Properties = {
  lr: nonNegative,
  t0: count,
  'tMult?': withDefault(count, 1),
  'etaMin?': etaMin,
};

/**
 * etaMin + (lr − etaMin)·(1 + cos(π·step / tMax)) / 2.
 *
 * The rate does not stay at `etaMin` after step `tMax`: it rises again, to `lr` at 2·tMax, and so on for ever.
 *
 * @example
 * cosineAnnealingLR({ lr: 1, tMax: 10 }).learningRate(20); // 1
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.CosineAnnealingLR`; Loshchilov and Hutter, SGDR (arXiv 1608.03983).
 */
export const cosineAnnealingLR: (options: CosineAnnealingLROptions) => RateOnly =
  defineRate<CosineAnnealingLRSpec>(
    'torch.cosineAnnealingLR',
    cosineAnnealingProperties,
    ({ lr, tMax, etaMin }) =>
      // The remainder, because the cosine of a large number is inexact.
      (step) =>
        anneal(lr, etaMin, (step % (2 * tMax)) / tMax),
  );

/**
 * etaMin + (lr − etaMin)·(1 + cos(π·t / T)) / 2, with t the steps since the last restart and T the length of this
 * cycle: `t0`, then t0·tMult, t0·tMult², …
 *
 * A restart replaces the minimum, which is never reached: the last step of a cycle has t = T − 1. One evaluation
 * costs O(log step) where `tMult` > 1.
 *
 * @example
 * const { learningRate } = cosineAnnealingWarmRestarts({ lr: 1, t0: 2, tMult: 2 });
 * [0, 1, 2, 4, 6].map(learningRate); // [1, 0.5, 1, 0.5, 1]
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`; Loshchilov and Hutter, SGDR
 * (arXiv 1608.03983), section 3.
 */
export const cosineAnnealingWarmRestarts: (options: CosineAnnealingWarmRestartsOptions) => RateOnly =
  defineRate<CosineAnnealingWarmRestartsSpec>(
    'torch.cosineAnnealingWarmRestarts',
    warmRestartsProperties,
    ({ lr, t0, tMult, etaMin }) => {
      if (tMult === 1) return (step) => anneal(lr, etaMin, (step % t0) / t0);
      return (step) => {
        let length = t0;
        let since = step;
        while (since >= length) {
          since -= length;
          length *= tMult;
        }
        return anneal(lr, etaMin, since / length);
      };
    },
  );

function anneal(from: number, to: number, p: number): number {
  return bounded(cosine(from, to, p), false);
}
