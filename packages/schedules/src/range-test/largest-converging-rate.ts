import { minimumFall, minimumPoints } from './curve.ts';
import { found, notFound, type RateSuggestion } from './rate-suggestion.ts';
import { smoothLosses } from './smooth-losses.ts';

/** A run of a few hundred updates at one rate. */
export type ShortRun = {
  readonly learningRate: number;
  /** Of each update. */
  readonly losses: readonly number[];
};

/**
 * The largest rate at which short runs of hundreds of updates begin to converge, the third of Smith's ways to a
 * minimum rate. A run begins to converge if its smoothed loss ({@link smoothLosses}) ends at least 5 % below its first
 * loss; one of fewer than 10 updates does not count. Where a rate has several runs, all of them have to.
 *
 * @example
 * const losses = [9, 8, 7, 6, 5, 4, 3, 2, 1, 1];
 * const { status } = largestConvergingRate([{ learningRate: 0.1, losses }]);
 * status; // 'found'
 * @see Smith, A Disciplined Approach to Neural Network Hyper-Parameters: Part 1 (arXiv 1803.09820), section 4.1
 */
export function largestConvergingRate(
  shortRuns: readonly ShortRun[],
): RateSuggestion<'no-data' | 'none-converged'> {
  if (shortRuns.length === 0) return notFound('no-data', 'no runs');
  const tooLarge = new Set(
    shortRuns.filter((run) => !converges(run)).map(({ learningRate }) => learningRate),
  );
  const largest = shortRuns.reduce(
    (rate, { learningRate }) => (learningRate > rate && !tooLarge.has(learningRate) ? learningRate : rate),
    0,
  );
  return largest > 0
    ? found(largest, 'the largest rate at which the loss begins to fall')
    : notFound('none-converged', 'at no rate did the loss begin to fall');
}

function converges({ losses }: ShortRun): boolean {
  const last = smoothLosses(losses).at(-1) ?? NaN;
  return losses.length >= minimumPoints && last <= (losses[0] ?? NaN) * (1 - minimumFall);
}
