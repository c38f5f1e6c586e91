import { requireBelowOne } from '../checks.ts';

/** Options of {@link smoothLosses}. */
export type SmoothLossesOptions = {
  /** Share of the past in each mean; from 0 (no smoothing) to less than 1. @default 0.98 */
  readonly beta?: number;
};

/**
 * Exponential moving averages without the bias towards their start, as learning-rate finders smooth the loss of every
 * update: mᵢ = β·mᵢ₋₁ + (1 − β)·lossᵢ from m₀ = 0, and of that mᵢ / (1 − βⁱ), for i = 1, 2, …
 *
 * They lag behind the losses by β / (1 − β) points. From the first loss on that is not finite, they are not either.
 *
 * @example
 * smoothLosses([4, 1], { beta: 0.5 }); // [4, 2]
 * @throws RangeError if `beta` is out of range.
 * @see fastai 2.8, `AvgSmoothLoss`
 */
export function smoothLosses(losses: readonly number[], { beta = 0.98 }: SmoothLossesOptions = {}): number[] {
  requireBelowOne('smoothLosses: beta', beta);
  let average = 0;
  let weight = 0;
  return losses.map((loss) => {
    average = beta * average + (1 - beta) * loss;
    weight = beta * weight + (1 - beta); // 1 − βⁱ
    return average / weight;
  });
}
