import { defineRate, type RateOnly } from '../define-schedule.ts';
import { withDefault, type Properties } from '../resolve-options.ts';
import { integer, nonNegative } from '../spec-type.ts';
import { bounded } from './torch-schedules.ts';

/** Options that {@link constantLR}, {@link linearLR} and {@link polynomialLR} share. */
type TotalItersOptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** Steps until the change is over; an integer of at least 0. With 0 the first value holds for ever. @default 5 */
  readonly totalIters?: number;
};

/** Options of {@link constantLR}. */
export type ConstantLROptions = TotalItersOptions & {
  /** From 0 to 1. @default 1 / 3 */
  readonly factor?: number;
};

/** Options of {@link linearLR}. */
export type LinearLROptions = TotalItersOptions & {
  /** Factor at step 0; greater than 0, at most 1. @default 1 / 3 */
  readonly startFactor?: number;
  /** Factor from step `totalIters` on; from 0 to 1. @default 1 */
  readonly endFactor?: number;
};

/** Options of {@link polynomialLR}. */
export type PolynomialLROptions = TotalItersOptions & {
  /** At least 0. @default 1 */
  readonly power?: number;
};

/** The learning rate of {@link constantLR} as JSON. */
export type ConstantLRSpec = Required<ConstantLROptions> & { readonly type: 'torch.constantLR' };

/** The learning rate of {@link linearLR} as JSON. */
export type LinearLRSpec = Required<LinearLROptions> & { readonly type: 'torch.linearLR' };

/** The learning rate of {@link polynomialLR} as JSON. */
export type PolynomialLRSpec = Required<PolynomialLROptions> & { readonly type: 'torch.polynomialLR' };

const common = { lr: nonNegative, 'totalIters?': withDefault({ ...integer, minimum: 0 }, 5) };
export const constantProperties: Properties = {
  ...common,
  'factor?': withDefault({ ...nonNegative, maximum: 1 }, 1 / 3),
};
export const linearProperties: Properties = {
  ...common,
  'startFactor?': withDefault({ type: 'number', exclusiveMinimum: 0, maximum: 1 }, 1 / 3),
  'endFactor?': withDefault({ ...nonNegative, maximum: 1 }, 1),
};
export const polynomialProperties: Properties = { ...common, 'power?': withDefault(nonNegative, 1) };

/**
 * lr·factor before step `totalIters`, lr from then on.
 *
 * Where `factor` is 0 torch divides by zero at step `totalIters`; here the rate becomes `lr`.
 *
 * @example
 * constantLR({ lr: 1, factor: 0.5, totalIters: 4 }).learningRate(3); // 0.5
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.ConstantLR`.
 */
export const constantLR: (options: ConstantLROptions) => RateOnly = defineRate<ConstantLRSpec>(
  'torch.constantLR',
  constantProperties,
  ({ lr, factor, totalIters }) => {
    const end = totalIters || Infinity;
    return (step) => lr * (step < end ? factor : 1);
  },
);

/**
 * lr·(startFactor + (endFactor − startFactor)·min(totalIters, step) / totalIters).
 *
 * @example
 * linearLR({ lr: 1, startFactor: 0.5, totalIters: 4 }).learningRate(2); // 0.75
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.LinearLR`.
 */
export const linearLR: (options: LinearLROptions) => RateOnly = defineRate<LinearLRSpec>(
  'torch.linearLR',
  linearProperties,
  ({ lr, startFactor, endFactor, totalIters }) => {
    const rise = endFactor - startFactor;
    const end = totalIters || 1;
    return (step) => bounded(lr * (startFactor + (rise * Math.min(totalIters, step)) / end), false);
  },
);

/**
 * lr·(1 − min(totalIters, step) / totalIters)^power.
 *
 * The rate is 0 from step `totalIters` on.
 *
 * @example
 * polynomialLR({ lr: 1, totalIters: 4, power: 2 }).learningRate(2); // 0.25
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.PolynomialLR`.
 */
export const polynomialLR: (options: PolynomialLROptions) => RateOnly = defineRate<PolynomialLRSpec>(
  'torch.polynomialLR',
  polynomialProperties,
  ({ lr, totalIters, power }) => {
    const end = totalIters || 1;
    return (step) => lr * (1 - Math.min(totalIters, step) / end) ** power;
  },
);
