import { maximumByLoss } from './smith-rules.ts';

/** What a range test's validation losses justify. */
export type LearningRateSuggestion =
  | {
      readonly status: 'found';
      readonly reason: string;
      /** Where the smoothed validation loss is lowest: beyond it, the loss rises. */
      readonly maximum: number;
      /** Where to begin: a twentieth of the maximum for one cycle, a quarter of it for many cycles. */
      readonly minimum: { readonly oneCycle: number; readonly cyclical: number };
    }
  | { readonly status: 'too-few-points' | 'never-fell' | 'still-falling'; readonly reason: string };

/** Smith: the minimum is max/10 to max/20 for the 1cycle policy, max/3 to max/4 for cycles. */
export const divisors = { oneCycle: [10, 20], cyclical: [3, 4] } as const;

/**
 * Reads a maximum and a minimum learning rate from the validation losses of a range test: the maximum is the rate at
 * which the loss, smoothed over its neighbours, is lowest. {@link analyzeRangeTest} says more.
 *
 * @param points in the order of the test, rates rising; points whose loss is not finite are left out
 * @see Smith, A Disciplined Approach to Neural Network Hyper-Parameters: Part 1 (arXiv 1803.09820), section 4.1
 */
export function suggestLearningRates(
  points: readonly { readonly learningRate: number; readonly validationLoss: number }[],
): LearningRateSuggestion {
  const highest = maximumByLoss(
    points.map(({ learningRate, validationLoss }) => ({ learningRate, loss: validationLoss })),
  );
  if (highest.status !== 'found') return highest;
  const { status, reason, learningRate: maximum } = highest;
  const minimum = { oneCycle: maximum / divisors.oneCycle[1], cyclical: maximum / divisors.cyclical[1] };
  return { status, reason, maximum, minimum };
}
