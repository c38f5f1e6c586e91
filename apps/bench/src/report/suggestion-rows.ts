import type { RangeTestAnalysis, RateRange, RateSuggestion } from '@superconvergence/schedules';

const rules: Readonly<Record<keyof RangeTestAnalysis, string>> = {
  maximumByLoss: 'maximum, by validation loss',
  maximumByAccuracy: 'maximum, by accuracy',
  minimumByAccuracy: 'minimum, by accuracy',
  cyclicalMinimum: 'minimum for many cycles',
  oneCycleMinimum: 'minimum for one cycle',
  fastaiValley: 'fastai: valley',
  fastaiSlide: 'fastai: slide',
  fastaiMinimum: 'fastai: minimum',
  fastaiSteep: 'fastai: steep',
};

/** Titles of the columns of {@link suggestionRows}. */
export const suggestionHead: readonly string[] = ['rule', 'rate', 'because'];

/** What each rule reads from range tests: a rate, with the band of several tests, or a dash, and why. */
export function suggestionRows(analysis: RangeTestAnalysis): string[][] {
  const names = Object.keys(rules) as (keyof RangeTestAnalysis)[];
  return names.map((name) => [rules[name], showRate(analysis[name]), analysis[name].reason]);
}

function showRate(suggestion: RateSuggestion): string {
  if (suggestion.status !== 'found') return '–';
  const { learningRate, range, band } = suggestion;
  const rate = range ? showRange(range) : learningRate.toPrecision(3);
  return band ? `${rate} (${band.numCurves} tests: ${showRange(band)})` : rate;
}

function showRange({ low, high }: RateRange): string {
  return `${low.toPrecision(3)} to ${high.toPrecision(3)}`;
}
