import { requireFunction } from '../checks.ts';
import { fromZeroOn, type RateOnly } from '../define-schedule.ts';
import { resolveOptions, withDefault } from '../resolve-options.ts';
import { boolean, nonNegative } from '../spec-type.ts';
import { bounded, noSpec, requireFinite } from './torch-schedules.ts';

/** Options of {@link lambdaLR}. */
export type LambdaLROptions = {
  /** The optimiser's rate; at least 0. */
  readonly lr: number;
  /** The factor at a step. */
  readonly lrLambda: (step: number) => number;
  /** Keeps a negative rate, as torch does. @default false */
  readonly strict?: boolean;
};

/**
 * lr·lrLambda(step), or 0 where that is negative.
 *
 * A function is not JSON, so the schedule has no `spec`: reading it is a TypeError.
 *
 * @example
 * lambdaLR({ lr: 1, lrLambda: (step) => 1 / (1 + step) }).learningRate(3); // 0.25
 * @throws TypeError if `lrLambda` is no function; RangeError if `lr` is out of range, also at a step at which `lrLambda` is not finite.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.LambdaLR`.
 */
export function lambdaLR(options: LambdaLROptions): RateOnly {
  const properties = { lr: nonNegative, strict: withDefault(boolean, false) };
  const { lr, strict } = resolveOptions<Required<LambdaLROptions> & { readonly type: 'torch.lambdaLR' }>(
    'torch.lambdaLR',
    properties,
    options,
  );
  const { lrLambda } = options;
  const name = 'lambdaLR: lrLambda';
  requireFunction(name, lrLambda);
  const evaluate = (step: number): number => bounded(lr * requireFinite(name, lrLambda(step)), strict);
  return { learningRate: fromZeroOn(noSpec(name), evaluate) };
}
