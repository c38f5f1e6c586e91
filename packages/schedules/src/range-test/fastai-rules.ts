import { indexOfLowest, minimumPoints, type RateAndLoss } from './curve.ts';
import { found, notFound, tooFew, type RateSuggestion } from './rate-suggestion.ts';

/** What one of fastai's rules says. */
export type FastaiSuggestion = RateSuggestion<'too-few-points' | 'never-fell'>;

/** `slide`: how many points lie between the two gradients, and the difference at which it stops. */
const slideWidth = 15;
const slideThreshold = 0.005;

/**
 * fastai's default: half-way down the longest valley. With L the length of the longest strictly decreasing
 * subsequence of the losses and e the index where it ends, the point e − L + ⌊L/3⌋ + ⌊L/6⌋.
 *
 * Like the other three, it takes the points in the order of the test and ends at the first loss that is not finite.
 * Where no loss is below the first it says `never-fell`; fastai names a rate all the same.
 *
 * @see fastai 2.8, `valley` in `fastai/callback/schedule.py`
 */
export function fastaiValley(points: readonly RateAndLoss[]): FastaiSuggestion {
  return suggest(points, 'half-way down the longest valley', (losses) => {
    // ends[k]: the largest loss at which a decreasing subsequence of length k + 1 ends.
    const ends: number[] = [];
    let end = 0;
    losses.forEach((loss, i) => {
      const k = ends.findIndex((other) => other <= loss);
      if (k >= 0) ends[k] = loss;
      else {
        ends.push(loss);
        end = i;
      }
    });
    const length = ends.length;
    // Two points right at the start make −1, in Python the last point.
    return Math.max(0, end - length + Math.floor(length / 3) + Math.floor(length / 6));
  });
}

/**
 * Before the loss explodes: two points, 15 apart, move left from the end while the gradients of the loss (over the
 * index) at them differ by more than 0.005; the last rate at the left one. Needs 16 points.
 *
 * @see fastai 2.8, `slide` in `fastai/callback/schedule.py`
 */
export function fastaiSlide(points: readonly RateAndLoss[]): FastaiSuggestion {
  const find = (losses: readonly number[]) => {
    const gradient = (i: number) => {
      const [left, right] = [Math.max(i - 1, 0), Math.min(i + 1, losses.length - 1)];
      return ((losses[right] ?? 0) - (losses[left] ?? 0)) / (right - left);
    };
    let left = losses.length - 1 - slideWidth;
    const differ = () => Math.abs(gradient(left + slideWidth) - gradient(left)) > slideThreshold;
    const start = left;
    while (left >= 0 && differ()) left--;
    return Math.min(left + 1, start);
  };
  return suggest(points, 'before the loss explodes', find, slideWidth + 1);
}

/**
 * A tenth of the rate at which the loss is lowest.
 *
 * @see fastai 2.8, `minimum` in `fastai/callback/schedule.py`
 */
export function fastaiMinimum(points: readonly RateAndLoss[]): FastaiSuggestion {
  const lowest = suggest(points, 'a tenth of the rate at which the loss is lowest', indexOfLowest);
  return lowest.status === 'found' ? { ...lowest, learningRate: lowest.learningRate / 10 } : lowest;
}

/**
 * Where the loss falls fastest over the logarithm of the rate, (lossᵢ₊₁ − lossᵢ) / (ln rateᵢ₊₁ − ln rateᵢ).
 *
 * @see fastai 2.8, `steep` in `fastai/callback/schedule.py`
 */
export function fastaiSteep(points: readonly RateAndLoss[]): FastaiSuggestion {
  return suggest(points, 'where the loss falls fastest', (losses, rates) => {
    const slope = (i: number) =>
      ((losses[i + 1] ?? 0) - (losses[i] ?? 0)) / Math.log((rates[i + 1] ?? 0) / (rates[i] ?? 0));
    return indexOfLowest(losses.slice(1).map((_, i) => slope(i)));
  });
}

/** Asks for an index, after the checks that all rules share. */
function suggest(
  points: readonly RateAndLoss[],
  reason: string,
  find: (losses: readonly number[], rates: readonly number[]) => number,
  needed: number = minimumPoints,
): FastaiSuggestion {
  const end = points.findIndex(({ loss }) => !Number.isFinite(loss));
  const used = end < 0 ? points : points.slice(0, end);
  if (used.length < needed) return tooFew(used.length, needed);
  const losses = used.map(({ loss }) => loss);
  if (indexOfLowest(losses) === 0) return notFound('never-fell', 'no loss is below the first');
  const rates = used.map(({ learningRate }) => learningRate);
  return found(rates[find(losses, rates)] ?? NaN, reason);
}
