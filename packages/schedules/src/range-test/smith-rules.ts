import { indexOfLowest, minimumFall, minimumPoints, neighbourMeans, type RateAndLoss } from './curve.ts';
import { found, notFound, tooFew, type RateSuggestion } from './rate-suggestion.ts';

type SmithSuggestion = RateSuggestion<'too-few-points' | 'never-fell' | 'still-high'>;

/** This share of the fall of the validation error, from its first to its lowest value, is noticeable. */
const noticeable = 0.1;

/**
 * The largest useful rate by the validation loss: where it is lowest, smoothed over neighbours. Losses that are
 * not finite lie beyond the valley.
 *
 * @see Smith, A Disciplined Approach to Neural Network Hyper-Parameters: Part 1 (arXiv 1803.09820), section 4.1
 */
export function maximumByLoss(
  points: readonly RateAndLoss[],
): RateSuggestion<'too-few-points' | 'never-fell' | 'still-falling'> {
  const { failure, smooth, rate, lowest } = readCurve(points, 'validation loss');
  if (failure) return failure;
  if (lowest === points.length - 1) {
    return notFound(
      'still-falling',
      'the validation loss was still falling at the end; test to a larger rate',
    );
  }
  const loss = (smooth[lowest] ?? NaN).toPrecision(3);
  const at = rate(lowest);
  return found(at, `the validation loss is lowest, ${loss}, at ${at.toPrecision(3)}, and rises beyond`);
}

/**
 * The smallest useful rate by the validation error, 1 − accuracy: the last before a noticeable part of its fall is done.
 *
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.3
 */
export function minimumByAccuracy(errors: readonly RateAndLoss[]): SmithSuggestion {
  const { failure, smooth, rate, fall } = readCurve(errors, 'validation error');
  if (failure) return failure;
  const begun = smooth.findIndex((error) => error <= (smooth[0] ?? NaN) - noticeable * fall);
  return found(rate(Math.max(0, begun - 1)), 'the accuracy begins to rise beyond');
}

/**
 * The largest useful rate by the validation error, 1 − accuracy: where it is lowest before the accuracy turns ragged
 * or, if it never does, where it is lowest at all, provided that it rises noticeably afterwards.
 *
 * The accuracy is ragged where, once half of the error's fall is done, the error goes up and down: where its steps up
 * from point to point, and its steps down, are both on average over neighbours noticeable. That the accuracy slows,
 * the third sign in the paper, does not count: where super-convergence is possible, it stays high long after it has
 * slowed (arXiv 1708.07120).
 *
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.3
 */
export function maximumByAccuracy(errors: readonly RateAndLoss[]): SmithSuggestion {
  const { failure, losses, smooth, lowest, rate, fall } = readCurve(errors, 'validation error');
  if (failure) return failure;
  const at = (i: number) => smooth[i] ?? NaN;
  const half = smooth.findIndex((error) => error <= at(0) - fall / 2);
  const steps = (sign: number) =>
    neighbourMeans(losses.map((error, i) => Math.max(0, sign * (error - (losses[i - 1] ?? error)))));
  const [up, down] = [steps(1), steps(-1)];
  const ragged = up.findIndex((step, i) => i > half && Math.min(step, down[i] ?? 0) > noticeable * fall);
  if (ragged > 0)
    return found(rate(indexOfLowest(smooth.slice(0, ragged))), 'the accuracy turns ragged beyond');
  const rises = smooth.some((error, i) => i > lowest && error > at(lowest) + noticeable * fall);
  return rises || losses.length < errors.length
    ? found(rate(lowest), 'the accuracy falls beyond')
    : notFound('still-high', 'the accuracy neither fell nor turned ragged; test to a larger rate');
}

function readCurve(points: readonly RateAndLoss[], name: string) {
  const finite = points.filter(({ loss }) => Number.isFinite(loss));
  const losses = finite.map(({ loss }) => loss);
  const smooth = neighbourMeans(losses);
  const lowest = indexOfLowest(smooth);
  const rate = (i: number): number => finite[i]?.learningRate ?? NaN;
  let failure: RateSuggestion<'too-few-points' | 'never-fell'> | undefined;
  if (finite.length < minimumPoints) failure = tooFew(finite.length);
  else if (lowest === 0 || !((smooth[lowest] ?? NaN) < (smooth[0] ?? NaN) * (1 - minimumFall))) {
    failure = notFound(
      'never-fell',
      `the ${name} never fell; begin at a smaller rate or test for more steps`,
    );
  }
  return { failure, losses, smooth, lowest, rate, fall: (smooth[0] ?? NaN) - (smooth[lowest] ?? NaN) };
}
