import { requireThat } from '../checks.ts';
import { resolveOptions, withDefault, type Properties } from '../resolve-options.ts';
import { integer, nonNegative, oneOf } from '../spec-type.ts';

/** Options of {@link reduceLROnPlateau}. */
export type ReduceLROnPlateauOptions = {
  /** The first rate; at least 0. */
  readonly lr: number;
  /** Whether a better metric is a smaller or a larger one. @default 'min' */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by; from 0 to less than 1. @default 0.1 */
  readonly factor?: number;
  /** How many metrics in a row may be no better; one more reduces the rate. @default 10 */
  readonly patience?: number;
  /** How much better is better; at least 0. @default 1e-4 */
  readonly threshold?: number;
  /** Whether `threshold` is a part of the best metric or a difference from it. @default 'rel' */
  readonly thresholdMode?: 'rel' | 'abs';
  /** For how many metrics after a reduction none counts as bad. @default 0 */
  readonly cooldown?: number;
  /** The rate is never reduced below; at least 0. @default 0 */
  readonly minLr?: number;
  /** A reduction by less than this is left out. @default 1e-8 */
  readonly eps?: number;
};

/** Plain JSON. */
export type ReduceLROnPlateauState = {
  readonly learningRate: number;
  /** The best metric so far; `null` before the first. */
  readonly best: number | null;
  readonly numBadEpochs: number;
  readonly cooldownCounter: number;
};

/** What {@link reduceLROnPlateau} returns. */
export type ReduceLROnPlateau = {
  readonly initialState: ReduceLROnPlateauState;
  /** The state after another metric, usually the validation loss of an epoch. NaN counts as no better. */
  readonly next: (state: ReduceLROnPlateauState, metric: number) => ReduceLROnPlateauState;
};

const natural = { ...integer, minimum: 0 };
const properties: Properties = {
  lr: nonNegative,
  mode: withDefault(oneOf(['min', 'max']), 'min'),
  factor: withDefault(nonNegative, 0.1),
  patience: withDefault(natural, 10),
  threshold: withDefault(nonNegative, 1e-4),
  thresholdMode: withDefault(oneOf(['rel', 'abs']), 'rel'),
  cooldown: withDefault(natural, 0),
  minLr: withDefault(nonNegative, 0),
  eps: withDefault(nonNegative, 1e-8),
};

/**
 * The rate times `factor` whenever a metric has not got better for more than `patience` epochs.
 *
 * It depends on what happened in the run, so it is no schedule of the step but a pure reducer: keep the state, and
 * give it to `next` with each metric. A run goes on from its state as JSON.
 *
 * @example
 * const plateau = reduceLROnPlateau({ lr: 1, factor: 0.5, patience: 1 });
 * [3, 2, 2, 2].reduce(plateau.next, plateau.initialState).learningRate; // 0.5
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.ReduceLROnPlateau`.
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions): ReduceLROnPlateau {
  const given = resolveOptions<Required<ReduceLROnPlateauOptions> & { readonly type: string }>(
    'torch.reduceLROnPlateau',
    properties,
    options,
  );
  const { lr, mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = given;
  requireThat(factor < 1, 'reduceLROnPlateau: factor', factor, 'less than 1');
  const sign = mode === 'min' ? 1 : -1;

  const next = (state: ReduceLROnPlateauState, metric: number): ReduceLROnPlateauState => {
    const best = state.best ?? sign * Infinity;
    const bound = thresholdMode === 'rel' ? best * (1 - sign * threshold) : best - sign * threshold;
    const isBetter = sign * metric < sign * bound;
    const isCooling = state.cooldownCounter > 0;
    const numBadEpochs = isBetter || isCooling ? 0 : state.numBadEpochs + 1;
    const isPlateau = numBadEpochs > patience;
    const reduced = Math.max(state.learningRate * factor, minLr);
    return {
      learningRate: isPlateau && state.learningRate - reduced > eps ? reduced : state.learningRate,
      best: isBetter ? metric : state.best,
      numBadEpochs: isPlateau ? 0 : numBadEpochs,
      cooldownCounter: isPlateau ? cooldown : state.cooldownCounter - (isCooling ? 1 : 0),
    };
  };
  return { initialState: { learningRate: lr, best: null, numBadEpochs: 0, cooldownCounter: 0 }, next };
}
