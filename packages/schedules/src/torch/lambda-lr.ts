import { resolveOptions, withDefault } from '../resolve-options.ts';
import { boolean, nonNegative } from '../spec-type.ts';
import { learningRateOf, noSpec, requireFinite, type TorchSchedules } from './torch-schedules.ts';

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
 * @throws RangeError if `lr` is out of range, also at a step at which `lrLambda` is not finite.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.LambdaLR`.
 */
export function lambdaLR(options: LambdaLROptions): TorchSchedules {
  const properties = { lr: nonNegative, strict: withDefault(boolean, false) };
  const { lr, strict } = resolveOptions<Required<LambdaLROptions> & { readonly type: 'torch.lambdaLR' }>(
    'torch.lambdaLR',
    properties,
    options,
  );
  const { lrLambda } = options;
  return learningRateOf(
    noSpec('lambdaLR: lrLambda'),
    (step) => lr * requireFinite('lambdaLR: lrLambda', lrLambda(step)),
    strict,
  );
}
