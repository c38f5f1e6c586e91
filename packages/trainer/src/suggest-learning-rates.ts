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

/** Fewer points than this show no shape. */
const minimumPoints = 10;
/** A loss that falls by less than this share of its first value has not begun to learn. */
const minimumFall = 0.05;
/** Smith: max/10 to max/20 for the 1cycle policy, max/3 to max/4 for cycles. */
const divisors = { oneCycle: 20, cyclical: 4 };

/**
 * Reads a maximum and a minimum learning rate from the validation losses of a range test: the maximum is the rate at
 * which the loss, smoothed over five neighbours, is lowest.
 *
 * @param points in the order of the test, rates rising; points whose loss is not finite are left out
 * @see Smith, "A disciplined approach to neural network hyper-parameters: Part 1" (arXiv 1803.09820), §4.1
 */
export function suggestLearningRates(
  points: readonly { readonly learningRate: number; readonly validationLoss: number }[],
): LearningRateSuggestion {
  const finite = points.filter(({ validationLoss }) => Number.isFinite(validationLoss));
  const losses = smooth(finite.map(({ validationLoss }) => validationLoss));
  const lowest = losses.indexOf(Math.min(...losses));
  const [first = NaN] = losses;
  const lowestLoss = losses[lowest] ?? NaN;
  const maximum = finite[lowest]?.learningRate ?? NaN;

  if (finite.length < minimumPoints) {
    return {
      status: 'too-few-points',
      reason: `${finite.length} points are too few to see where the loss turns; test with at least ${minimumPoints}`,
    };
  }
  if (!(lowestLoss < first * (1 - minimumFall))) {
    return {
      status: 'never-fell',
      reason: 'the validation loss never fell; begin at a smaller rate or test for more steps',
    };
  }
  if (lowest === losses.length - 1 && finite.length === points.length) {
    return {
      status: 'still-falling',
      reason: 'the validation loss was still falling at the end; test to a larger rate',
    };
  }
  return {
    status: 'found',
    reason: `the validation loss is lowest, ${lowestLoss.toPrecision(3)}, at ${maximum.toPrecision(3)}, and rises beyond`,
    maximum,
    minimum: { oneCycle: maximum / divisors.oneCycle, cyclical: maximum / divisors.cyclical },
  };
}

/** Means over the neighbours two to each side, weighted 1 2 3 2 1: symmetric, so that the lowest point stays in place. */
function smooth(values: readonly number[]): number[] {
  return values.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (let offset = -2; offset <= 2; offset++) {
      const value = values[i + offset];
      if (value === undefined) continue;
      const weight = 3 - Math.abs(offset);
      sum += weight * value;
      weights += weight;
    }
    return sum / weights;
  });
}
