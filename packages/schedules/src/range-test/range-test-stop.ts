import { requireThat } from '../checks.ts';
import { smoothLosses, type SmoothLossesOptions } from './smooth-losses.ts';

/** Options of {@link rangeTestStop}. */
export type RangeTestStopOptions = SmoothLossesOptions & {
  /** How many times the best smoothed loss so far is too much; greater than 1. @default 4 */
  readonly factor?: number;
};

/** Where a range test has seen enough, and why. */
export type RangeTestStop = {
  /** The loss that ends the test; the ones before it are worth keeping. */
  readonly index: number;
  /** `diverged`: the loss is not a finite number; `loss-exploded`: its smoothed value exceeds `factor` · the best. */
  readonly reason: 'diverged' | 'loss-exploded';
};

/**
 * The rule that ends a learning-rate range test: at the first loss that is not finite, or whose smoothed value
 * exceeds `factor` times the lowest one before it. A pure function of the losses so far: ask after each point, or
 * after the test. For losses that are never negative, such as cross-entropy.
 *
 * @example
 * rangeTestStop([2, 1, 5, 3], { beta: 0 }); // { index: 2, reason: 'loss-exploded' }
 * @returns `undefined` while there is no reason to stop.
 * @throws RangeError if an option is out of range.
 * @see fastai 2.8, `LRFinder`; the same factor of 4 and β of 0.98 on validation losses in domluna's `find_eta!`
 */
export function rangeTestStop(
  losses: readonly number[],
  { factor = 4, beta }: RangeTestStopOptions = {},
): RangeTestStop | undefined {
  requireThat(factor > 1, 'rangeTestStop: factor', factor, 'a number > 1');
  const smooth = smoothLosses(losses, { beta });
  let best = Infinity;
  for (const [index, loss] of smooth.entries()) {
    if (!Number.isFinite(loss)) return { index, reason: 'diverged' };
    if (loss > factor * best) return { index, reason: 'loss-exploded' };
    best = Math.min(best, loss);
  }
  return undefined;
}
