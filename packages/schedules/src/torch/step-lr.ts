import { defineRate, type RateOnly } from '../define-schedule.ts';
import { finitePower } from '../finite-power.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { count, integer, listOf, nonNegative } from '../spec-type.ts';

/** Options of {@link stepLR}. */
export type StepLROptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Steps from one decay to the next; an integer of at least 1. */
  readonly stepSize: number;
  /** Factor of each decay; at least 0. @default 0.1 */
  readonly gamma?: number;
};

/** Options of {@link multiStepLR}. */
export type MultiStepLROptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Steps at which the rate decays: integers of at least 0, in any order; one that is there twice decays twice. */
  readonly milestones: readonly number[];
  /** Factor of each decay; at least 0. @default 0.1 */
  readonly gamma?: number;
};

/** Options of {@link exponentialLR}. */
export type ExponentialLROptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Factor of each step; at least 0. */
  readonly gamma: number;
};

/** The learning rate of {@link stepLR} as JSON. */
export type StepLRSpec = Required<StepLROptions> & { readonly type: 'torch.stepLR' };

/** The learning rate of {@link multiStepLR} as JSON. */
export type MultiStepLRSpec = Required<MultiStepLROptions> & { readonly type: 'torch.multiStepLR' };

/** The learning rate of {@link exponentialLR} as JSON. */
export type ExponentialLRSpec = ExponentialLROptions & { readonly type: 'torch.exponentialLR' };

const gamma = withDefault(nonNegative, 0.1);
export const stepProperties: Properties = { lr: nonNegative, stepSize: count, 'gamma?': gamma };
export const multiStepProperties: Properties = {
  lr: nonNegative,
  milestones: listOf({ ...integer, minimum: 0 }),
  'gamma?': gamma,
};
export const exponentialProperties: Properties = { lr: nonNegative, gamma: nonNegative };

/**
 * lr·gamma^floor(step / stepSize).
 *
 * @example
 * stepLR({ lr: 1, stepSize: 30, gamma: 0.5 }).learningRate(60); // 0.25
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.StepLR`.
 */
export const stepLR: (options: StepLROptions) => RateOnly = defineRate<StepLRSpec>(
  'torch.stepLR',
  stepProperties,
  ({ lr, stepSize, gamma }) =>
    (step) =>
      decayed(lr, gamma, Math.floor(step / stepSize)),
);

/**
 * lr·gamma^k, where k is the number of milestones ≤ step.
 *
 * @example
 * multiStepLR({ lr: 1, milestones: [30, 80], gamma: 0.5 }).learningRate(80); // 0.25
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.MultiStepLR`.
 */
export const multiStepLR: (options: MultiStepLROptions) => RateOnly = defineRate<MultiStepLRSpec>(
  'torch.multiStepLR',
  multiStepProperties,
  ({ lr, milestones, gamma }) =>
    (step) => {
      let passed = 0;
      for (const milestone of milestones) if (milestone <= step) passed++;
      return decayed(lr, gamma, passed);
    },
);

/**
 * lr·gamma^step.
 *
 * There is no last step: the rate decays (or with `gamma` > 1 grows) for ever.
 *
 * @example
 * exponentialLR({ lr: 1, gamma: 0.5 }).learningRate(2); // 0.25
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.ExponentialLR`.
 */
export const exponentialLR: (options: ExponentialLROptions) => RateOnly = defineRate<ExponentialLRSpec>(
  'torch.exponentialLR',
  exponentialProperties,
  ({ lr, gamma }) =>
    (step) =>
      decayed(lr, gamma, step),
);

/** lr·gamma^times; finite, because 0·∞ is NaN. */
function decayed(lr: number, gamma: number, times: number): number {
  return Math.min(lr * finitePower(gamma, times), Number.MAX_VALUE);
}
