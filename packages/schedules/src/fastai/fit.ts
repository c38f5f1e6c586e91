import { requireThat } from '../checks.ts';
import { definePair, defineRate, type RateAndMomentum, type RateOnly } from '../define-schedule.ts';
import { count, integer, listOf, nonNegative, positive } from '../spec-type.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { atSteps, combineScheds, schedCos, schedExp, type PositionFunction } from './position.ts';

/** Options of {@link fitOneCycle}. */
export type FitOneCycleOptions = {
  /** The highest rate; at least 0. */
  readonly lrMax: number;
  /** Updates in the whole run: epochs times batches; an integer of at least 1. */
  readonly totalSteps: number;
  /** The first rate is `lrMax / div`; greater than 0. @default 25 */
  readonly div?: number;
  /** The last rate is `lrMax / divFinal`; greater than 0. @default 100_000 */
  readonly divFinal?: number;
  /** Part of the run in which the rate rises; from 0 to 1. @default 0.25 */
  readonly pctStart?: number;
  /** Momentum at the start, at the highest rate and at the end; each at least 0. @default [0.95, 0.85, 0.95] */
  readonly moms?: readonly number[];
};

/** Options of {@link fitFlatCos}. */
export type FitFlatCosOptions = {
  /** The rate of the flat part; at least 0. */
  readonly lr: number;
  /** Updates in the whole run: epochs times batches; an integer of at least 1. */
  readonly totalSteps: number;
  /** The last rate is `lr / divFinal`; greater than 0. @default 100_000 */
  readonly divFinal?: number;
  /** Part of the run that is flat; from 0 to 1. @default 0.75 */
  readonly pctStart?: number;
};

/** Options of {@link fitSgdr}. */
export type FitSgdrOptions = {
  /** The rate at the start of each cycle; at least 0. */
  readonly lrMax: number;
  /** An integer of at least 1. */
  readonly nCycles: number;
  /** Updates in the first cycle, an integer of at least 1; fastai's own counts epochs. */
  readonly cycleLen: number;
  /** How many times longer each cycle is than the one before it; an integer of at least 1. @default 2 */
  readonly cycleMult?: number;
};

/** Options of {@link fineTune}. */
export type FineTuneOptions = Omit<FitOneCycleOptions, 'lrMax'> & {
  /** Updates in the phase with frozen layers; an integer of at least 1. fastai's own: one epoch. */
  readonly freezeSteps: number;
  /** The highest rate of the first phase; of the second it is half. At least 0. @default 0.002 */
  readonly baseLr?: number;
};

/** Options of {@link lrFind}. */
export type LrFindOptions = {
  /** The first rate; greater than 0. @default 1e-7 */
  readonly startLr?: number;
  /** Where the rates tend to; greater than 0. @default 10 */
  readonly endLr?: number;
  /** Updates of the test; an integer, less than 6 counts as 6. @default 100 */
  readonly numIt?: number;
};

/** One of the two schedules of {@link fitOneCycle} as JSON. */
export type FitOneCycleSpec = Required<FitOneCycleOptions> & {
  readonly type: 'fastai.fitOneCycle';
  readonly of: 'learningRate' | 'momentum';
};

/** The rate of {@link fitFlatCos} as JSON. */
export type FitFlatCosSpec = Required<FitFlatCosOptions> & { readonly type: 'fastai.fitFlatCos' };

/** The rate of {@link fitSgdr} as JSON. */
export type FitSgdrSpec = Required<FitSgdrOptions> & { readonly type: 'fastai.fitSgdr' };

/** The rate of {@link lrFind} as JSON. */
export type LrFindSpec = Required<LrFindOptions> & { readonly type: 'fastai.lrFind' };

const unit = { ...nonNegative, maximum: 1 };

export const fitOneCycleProperties: Properties = {
  lrMax: nonNegative,
  totalSteps: count,
  'div?': withDefault(positive, 25),
  'divFinal?': withDefault(positive, 1e5),
  'pctStart?': withDefault(unit, 0.25),
  'moms?': withDefault({ ...listOf(nonNegative), minItems: 3, maxItems: 3 }, [0.95, 0.85, 0.95]),
};
export const fitFlatCosProperties: Properties = {
  lr: nonNegative,
  totalSteps: count,
  'divFinal?': withDefault(positive, 1e5),
  'pctStart?': withDefault(unit, 0.75),
};
export const fitSgdrProperties: Properties = {
  lrMax: nonNegative,
  nCycles: count,
  cycleLen: count,
  'cycleMult?': withDefault(count, 2),
};
export const lrFindProperties: Properties = {
  'startLr?': withDefault(positive, 1e-7),
  'endLr?': withDefault(positive, 10),
  'numIt?': withDefault(integer, 100),
};

/**
 * fastai's 1cycle: half cosines from lrMax / div up to lrMax, then down to lrMax / divFinal; momentum the other way.
 *
 * Step n is at n / totalSteps of the run, so the last update has not arrived at the last rate. Both `div` and
 * `divFinal` divide `lrMax` (torch divides the first rate by its `final_div_factor`). The highest rate falls on an
 * update only where pctStart·totalSteps is whole.
 *
 * @example
 * const { learningRate, momentum } = fitOneCycle({ lrMax: 1, totalSteps: 100 });
 * [0, 25].map(learningRate); // [0.04, 1]
 * momentum(25); // 0.85
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8.12, `Learner.fit_one_cycle`.
 */
export const fitOneCycle: (options: FitOneCycleOptions) => RateAndMomentum = definePair<FitOneCycleSpec>(
  'fastai.fitOneCycle',
  fitOneCycleProperties,
  ({ of, lrMax, totalSteps, div, divFinal, pctStart, moms }) => {
    requireThat(moms.length === 3, 'fitOneCycle: moms', moms, 'a list of three');
    const rates = [lrMax / div, lrMax, lrMax / divFinal];
    return atSteps(combinedCos(pctStart, of === 'momentum' ? moms : rates), totalSteps);
  },
);

/**
 * The rate `lr`, then from `pctStart` of the run on along half a cosine to lr / divFinal.
 *
 * The last update has not arrived there, as in {@link fitOneCycle}.
 *
 * @example
 * fitFlatCos({ lr: 1, totalSteps: 100 }).learningRate(75); // 1
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8.12, `Learner.fit_flat_cos`.
 */
export const fitFlatCos: (options: FitFlatCosOptions) => RateOnly = defineRate<FitFlatCosSpec>(
  'fastai.fitFlatCos',
  fitFlatCosProperties,
  ({ lr, totalSteps, divFinal, pctStart }) =>
    atSteps(combinedCos(pctStart, [lr, lr, lr / divFinal]), totalSteps),
);

/**
 * `nCycles` half cosines from `lrMax` to 0, each `cycleMult` times longer than the one before it.
 *
 * The first is `cycleLen` updates long, all together cycleLen·(1 + cycleMult + cycleMult² + …). An update never runs
 * at 0: at a cycle's end the next begins. A `cycleMult` of 1, which fastai divides by zero for, gives equal cycles.
 *
 * @example
 * const { learningRate } = fitSgdr({ lrMax: 1, nCycles: 2, cycleLen: 4, cycleMult: 3 });
 * [0, 4, 10].map(learningRate); // [1, 1, 0.5]
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8.12, `Learner.fit_sgdr`.
 */
export const fitSgdr: (options: FitSgdrOptions) => RateOnly = defineRate<FitSgdrSpec>(
  'fastai.fitSgdr',
  fitSgdrProperties,
  ({ lrMax, nCycles, cycleLen, cycleMult }) => {
    const lengths = Array.from({ length: nCycles }, (_, index) => cycleLen * cycleMult ** index);
    const totalSteps = lengths.reduce((sum, length) => sum + length);
    requireThat(Number.isSafeInteger(totalSteps), 'fitSgdr: nCycles', nCycles, 'fewer than 2⁵³ updates');
    const pcts = lengths.map((length) => length / totalSteps);
    return atSteps(
      combineScheds(
        pcts,
        pcts.map(() => schedCos(lrMax, 0)),
      ),
      totalSteps,
    );
  },
);

/**
 * The two {@link fitOneCycle} of fine-tuning: `frozen` for a new head alone, `unfrozen` for the whole network.
 *
 * `frozen` has `freezeSteps` updates, peaks at `baseLr` after 99 % of them and starts at baseLr / 25, whatever `div`
 * is. `unfrozen` has `totalSteps`, half the rate, `pctStart` 0.3 and `div` 5. It is the rate of the last layers:
 * fastai's earliest layers have a hundredth of it.
 *
 * @example
 * const { frozen, unfrozen } = fineTune({ freezeSteps: 100, totalSteps: 400 });
 * frozen.learningRate(99); // 0.002
 * unfrozen.learningRate(120); // 0.001
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8.12, `Learner.fine_tune`.
 */
export function fineTune(options: FineTuneOptions): {
  readonly frozen: RateAndMomentum;
  readonly unfrozen: RateAndMomentum;
} {
  const { freezeSteps, totalSteps, baseLr = 2e-3, pctStart = 0.3, div = 5, divFinal, moms } = options;
  return {
    frozen: fitOneCycle({ lrMax: baseLr, totalSteps: freezeSteps, pctStart: 0.99, divFinal, moms }),
    unfrozen: fitOneCycle({ lrMax: baseLr / 2, totalSteps, pctStart, div, divFinal, moms }),
  };
}

/**
 * The rates of fastai's range test: startLr·(endLr / startLr)^(n / numIt).
 *
 * The last of the `numIt` updates is one factor below `endLr`.
 *
 * @example
 * lrFind({ startLr: 1, endLr: 256, numIt: 8 }).learningRate(7); // 128
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8.12, `LRFinder`.
 */
export const lrFind: (options?: LrFindOptions) => RateOnly = defineRate<LrFindSpec>(
  'fastai.lrFind',
  lrFindProperties,
  ({ startLr, endLr, numIt }) => atSteps(schedExp(startLr, endLr), Math.max(numIt, 6)),
);

function combinedCos(pct: number, [start = 0, middle = 0, end = 0]: readonly number[]): PositionFunction {
  return combineScheds([pct, 1 - pct], [schedCos(start, middle), schedCos(middle, end)]);
}
