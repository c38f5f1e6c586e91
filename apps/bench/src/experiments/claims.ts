import { confidenceInterval, liesAbove, mean, standardDeviation, type Verdict } from '../statistics.ts';
import type { ComparisonResult } from './comparison.ts';
import type { RangeTestRunResult } from './range-test-run.ts';
import type { TimingResult } from './timing.ts';
import type { TrainedRun } from './training-pool.ts';

/** A claim of the papers or of the project that this one follows, and what this machine says to it. */
export interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly paper: string;
  readonly ours: string;
  readonly spread: string;
  readonly n: number;
  readonly held: Verdict;
  /** How `held` is decided, fixed before the runs. */
  readonly rule: string;
}

/** Domluna's benchmark: 10 batches of 64 through WRN-16-10, forward and backward, on an unnamed GPU. */
const originalSeconds = 7.949757;
/** "~20× slower than resnet50", of the same source. */
const originalRatio = 20;
/** A ratio within this factor of the original's counts as about the same. */
const aboutTheSame = 1.5;
/** A suggested maximum within this factor of the best rate of the search counts as a good suggestion. */
const goodSuggestion = 2;

export function timingClaims(timings: readonly TimingResult[]): Claim[] {
  const [wide, ...others] = timings;
  if (!wide) return [];
  // Ten iterations take ten times the mean iteration, whatever number was timed.
  const { mean: seconds, halfWidth, n } = scaleInterval(confidenceInterval(wide.iterationSeconds), 10);
  return [
    {
      id: 'X-TIME',
      claim: 'WRN-16-10, 10 batches of 64, forward and backward: no slower than the original on its GPU',
      paper: `${originalSeconds.toFixed(2)} s`,
      ours: `${seconds.toFixed(2)} s`,
      spread: `± ${halfWidth.toFixed(2)} s`,
      n,
      held: opposite(liesAbove({ mean: seconds, halfWidth, n }, originalSeconds)),
      rule: 'yes or no when the 95 % interval of the time lies wholly below or above the original’s',
    },
    ...others.map((other): Claim => {
      const ratio = ratioInterval(wide.iterationSeconds, other.iterationSeconds);
      const macs = wide.multiplyAccumulates / other.multiplyAccumulates;
      return {
        id: `X-TIME/${other.model}`,
        claim: `WRN-16-10 is about 20× slower than ${other.model}`,
        paper: '≈ 20× (ResNet-50, 224×224)',
        ours: `${ratio.mean.toFixed(1)}× (${macs.toFixed(1)}× the multiply-accumulates)`,
        spread: `${ratio.low.toFixed(1)}× to ${ratio.high.toFixed(1)}×`,
        n: other.iterations,
        held: within(ratio, originalRatio / aboutTheSame, originalRatio * aboutTheSame),
        rule: `yes when the 95 % interval of the ratio lies within a factor of ${aboutTheSame} of 20, no when it lies wholly outside`,
      };
    }),
  ];
}

export function rangeTestClaims(tests: readonly RangeTestRunResult[], comparison: ComparisonResult): Claim[] {
  const maxima = tests.flatMap(({ suggestion }) =>
    suggestion.status === 'found' ? [suggestion.maximum] : [],
  );
  const spread =
    maxima.length > 1
      ? `${Math.min(...maxima).toPrecision(2)} to ${Math.max(...maxima).toPrecision(2)}`
      : '–';
  const best = comparison['one-cycle'].chosenRate;
  const within2 = maxima.filter(
    (maximum) => maximum <= best * goodSuggestion && maximum >= best / goodSuggestion,
  ).length;
  return [
    {
      id: 'D-RNG',
      claim: 'In a range test the validation loss falls, then rises: it shows a maximum rate',
      paper: 'yes (1803.09820, Fig. 1)',
      ours:
        `${maxima.length} of ${tests.length} tests` +
        (maxima.length > 0 ? `, maximum ${mean(maxima).toPrecision(2)}` : ''),
      spread,
      n: tests.length,
      held: maxima.length === tests.length ? 'yes' : maxima.length === 0 ? 'no' : 'undecided',
      rule: 'yes when every test shows a maximum, no when none does',
    },
    {
      id: 'D-RNG/1cycle',
      claim: 'That maximum is a good one for the 1cycle policy',
      paper: 'yes (1803.09820, §4.1)',
      ours: `${within2} of ${tests.length} within 2× of ${best}, the best of the search`,
      spread,
      n: tests.length,
      held: within2 === tests.length ? 'yes' : within2 === 0 ? 'no' : 'undecided',
      rule: `yes when every suggested maximum lies within a factor of ${goodSuggestion} of the rate with the best validation accuracy, no when none does`,
    },
  ];
}

export function comparisonClaims(comparison: ComparisonResult): Claim[] {
  const accuracies = (runs: readonly TrainedRun[]) =>
    runs.map(({ result }) => 100 * (result.testAccuracy ?? NaN));
  const cycle = accuracies(comparison['one-cycle'].runs);
  const step = accuracies(comparison['multi-step'].runs);
  // Runs of one seed start from the same weights and see the same images in the same order.
  const difference = confidenceInterval(cycle.map((accuracy, i) => accuracy - (step[i] ?? NaN)));
  const summary = (values: readonly number[]) =>
    `${mean(values).toFixed(2)} ± ${standardDeviation(values).toFixed(2)} %`;
  const rate = { cycle: comparison['one-cycle'].chosenRate, step: comparison['multi-step'].chosenRate };
  return [
    {
      id: 'D-T2w/equal',
      claim: '1cycle is more accurate than a step schedule after the same number of iterations',
      paper: '91.9 against 86.7 % (wide32, 100 epochs; 1803.09820, Table 2)',
      ours: `${summary(cycle)} (rate ${rate.cycle}) against ${summary(step)} (rate ${rate.step})`,
      spread: `${difference.mean >= 0 ? '+' : '−'}${Math.abs(difference.mean).toFixed(2)} ± ${difference.halfWidth.toFixed(2)} points`,
      n: difference.n,
      held: liesAbove(difference, 0),
      rule: 'yes or no when the 95 % interval of the difference, paired by seed, lies wholly above or below 0',
    },
  ];
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

function within({ low, high }: Bounds, from: number, to: number): Verdict {
  if (low >= from && high <= to) return 'yes';
  return high < from || low > to ? 'no' : 'undecided';
}

function opposite(verdict: Verdict): Verdict {
  return verdict === 'undecided' ? verdict : verdict === 'yes' ? 'no' : 'yes';
}

function scaleInterval<T extends { mean: number; halfWidth: number }>(interval: T, factor: number): T {
  return { ...interval, mean: factor * interval.mean, halfWidth: factor * interval.halfWidth };
}

/** Ratio of two means with its 95 % interval, by the delta method on its logarithm. */
function ratioInterval(
  numerator: readonly number[],
  denominator: readonly number[],
): Bounds & { mean: number } {
  const [a, b] = [confidenceInterval(numerator), confidenceInterval(denominator)];
  const ratio = a.mean / b.mean;
  const spread = Math.exp(Math.hypot(a.halfWidth / a.mean, b.halfWidth / b.mean));
  return { mean: ratio, low: ratio / spread, high: ratio * spread };
}
