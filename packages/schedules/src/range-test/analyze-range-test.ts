import { requireThat, requireWithin } from '../checks.ts';
import type { RangeTestCurve, RangeTestCurvePoint, RateAndLoss } from './curve.ts';
import { fastaiMinimum, fastaiSlide, fastaiSteep, fastaiValley } from './fastai-rules.ts';
import { notFound, type RateSuggestion } from './rate-suggestion.ts';
import { maximumByAccuracy, maximumByLoss, minimumByAccuracy } from './smith-rules.ts';
import { smoothLosses } from './smooth-losses.ts';
import { divisors } from './suggest-learning-rates.ts';

/** Options of {@link analyzeRangeTest}; all of them are about fastai's rules. */
export type AnalyzeRangeTestOptions = {
  /** Which loss they read. @default the training loss where there is one, otherwise the validation loss */
  readonly loss?: 'trainingLoss' | 'validationLoss';
  /**
   * Smoothing before them, see {@link smoothLosses}. `0.98` for a point per update; for points that are means over k
   * updates, `0.98 ** k` is the same memory. @default 0: the losses as they are
   */
  readonly beta?: number;
  /** Points left out at the start. @default a tenth, rounded down */
  readonly skipStart?: number;
  /** Points left out at the end. @default 5 */
  readonly skipEnd?: number;
};

/** What each rule says. */
export type RangeTestAnalysis = {
  /** Where the validation loss is lowest, as {@link suggestLearningRates}. */
  readonly maximumByLoss: RateSuggestion;
  /** Where the validation accuracy is best before it falls or turns ragged. */
  readonly maximumByAccuracy: RateSuggestion;
  /** Where the validation accuracy begins to rise. */
  readonly minimumByAccuracy: RateSuggestion;
  /** A quarter to a third of the maximum, for many cycles; the maximum by loss, or else by accuracy. */
  readonly cyclicalMinimum: RateSuggestion;
  /** A twentieth to a tenth of it, for one cycle. */
  readonly oneCycleMinimum: RateSuggestion;
  readonly fastaiValley: RateSuggestion;
  readonly fastaiSlide: RateSuggestion;
  readonly fastaiMinimum: RateSuggestion;
  readonly fastaiSteep: RateSuggestion;
};

/**
 * Everything that a learning-rate range test says, by Smith's rules and by fastai's: each a rate with its reason, or
 * why there is none. Of several curves, say one for each seed, each rule is asked for each curve; the suggestion is
 * the median (of an even number the lower one in the middle), with the band of all of them.
 *
 * Points count whose rate is finite, positive and larger than the rates before them. A value that is left out was not
 * measured; one that is not finite was lost to divergence. Smith's rules see every point, fastai's those that
 * `skipStart` and `skipEnd` leave. A curve that shows nothing is a result, not an error.
 *
 * @example
 * const losses = [2.3, 2.2, 2, 1.7, 1.3, 1, 0.9, 0.8, 0.9, 1.1, 1.6, 2.5];
 * const curve = losses.map((validationLoss, i) => ({ learningRate: (i + 1) / 4, validationLoss }));
 * const { oneCycleMinimum } = analyzeRangeTest(curve);
 * oneCycleMinimum.status === 'found' && oneCycleMinimum.range; // { low: 0.1, high: 0.2 }
 * @throws RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.3, and A Disciplined
 * Approach to Neural Network Hyper-Parameters: Part 1 (arXiv 1803.09820), section 4.1; fastai 2.8, `lr_find`
 */
export function analyzeRangeTest(
  curves: RangeTestCurve | readonly RangeTestCurve[],
  options: AnalyzeRangeTestOptions = {},
): RangeTestAnalysis {
  const { loss, skipStart = 0, skipEnd = 0 } = options;
  const known = [undefined, 'trainingLoss', 'validationLoss'].includes(loss);
  requireThat(known, 'analyzeRangeTest: loss', loss, 'trainingLoss or validationLoss');
  requireWithin('analyzeRangeTest: skipStart', skipStart);
  requireWithin('analyzeRangeTest: skipEnd', skipEnd);

  if (!isSeveral(curves)) return analyzeCurve(curves, options);
  const analyses = curves.map((curve) => analyzeCurve(curve, options));
  const names = Object.keys(analyses[0] ?? {}) as (keyof RangeTestAnalysis)[];
  const bands = names.map((name) => [name, median(analyses.map((analysis) => analysis[name]))]);
  return Object.fromEntries(bands) as RangeTestAnalysis;
}

function isSeveral(curves: RangeTestCurve | readonly RangeTestCurve[]): curves is readonly RangeTestCurve[] {
  return Array.isArray(curves[0]);
}

function analyzeCurve(curve: RangeTestCurve, options: AnalyzeRangeTestOptions): RangeTestAnalysis {
  const training = read(curve, 'trainingLoss');
  const validation = read(curve, 'validationLoss');
  const errors = read(curve, 'validationAccuracy');
  const { loss = training.length > 0 ? 'trainingLoss' : 'validationLoss' } = options;
  const chosen = loss === 'trainingLoss' ? training : validation;
  const smoothed = smoothAndCut(chosen, options);

  const byLoss = ask(validation, maximumByLoss);
  const byAccuracy = ask(errors, maximumByAccuracy);
  const maximum = byLoss.status === 'found' ? byLoss : byAccuracy;
  const fastai = (rule: typeof fastaiValley) => ask(chosen, () => rule(smoothed));
  return {
    maximumByLoss: byLoss,
    maximumByAccuracy: byAccuracy,
    minimumByAccuracy: ask(errors, minimumByAccuracy),
    cyclicalMinimum: below(maximum, divisors.cyclical),
    oneCycleMinimum: below(maximum, divisors.oneCycle),
    fastaiValley: fastai(fastaiValley),
    fastaiSlide: fastai(fastaiSlide),
    fastaiMinimum: fastai(fastaiMinimum),
    fastaiSteep: fastai(fastaiSteep),
  };
}

function ask(
  measured: readonly RateAndLoss[],
  rule: (points: readonly RateAndLoss[]) => RateSuggestion,
): RateSuggestion {
  return measured.length > 0 ? rule(measured) : notFound('no-data', 'not measured');
}

/** The quantity as something that falls: of an accuracy, the error. */
function read(
  curve: RangeTestCurve,
  name: Exclude<keyof RangeTestCurvePoint, 'learningRate'>,
): RateAndLoss[] {
  let largest = 0;
  return curve.flatMap(({ learningRate, [name]: value }) => {
    if (value === undefined || !(learningRate > largest && learningRate < Infinity)) return [];
    largest = learningRate;
    return [{ learningRate, loss: name === 'validationAccuracy' ? 1 - value : value }];
  });
}

/** As fastai: smoothed first, then both ends cut off. */
function smoothAndCut(
  points: readonly RateAndLoss[],
  { beta = 0, skipStart = Math.floor(points.length / 10), skipEnd = 5 }: AnalyzeRangeTestOptions,
): RateAndLoss[] {
  const losses = smoothLosses(
    points.map(({ loss }) => loss),
    { beta },
  );
  return points
    .map(({ learningRate }, i) => ({ learningRate, loss: losses[i] ?? NaN }))
    .slice(skipStart, Math.max(0, points.length - skipEnd));
}

function below(maximum: RateSuggestion, [least, most]: readonly [number, number]): RateSuggestion {
  if (maximum.status !== 'found') return maximum;
  const [low, high] = [maximum.learningRate / most, maximum.learningRate / least];
  const reason = `the maximum divided by ${most} to ${least}`;
  return { status: 'found', learningRate: low, reason, range: { low, high } };
}

function median(suggestions: readonly RateSuggestion[]): RateSuggestion {
  const rates = suggestions
    .filter((suggestion) => suggestion.status === 'found')
    .sort((a, b) => a.learningRate - b.learningRate);
  const middle = rates[(rates.length - 1) >> 1];
  if (!middle) return suggestions[0] as RateSuggestion;
  const [low = NaN, high = low] = [rates[0]?.learningRate, rates.at(-1)?.learningRate];
  return { ...middle, band: { low, high, numCurves: rates.length } };
}
