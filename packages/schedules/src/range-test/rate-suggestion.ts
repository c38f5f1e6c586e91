import { minimumPoints } from './curve.ts';

/** A rate, or why there is none. */
export type RateSuggestion<Status extends NoSuggestion = NoSuggestion> =
  | {
      readonly status: 'found';
      readonly learningRate: number;
      readonly reason: string;
      /** Where the rule names two ends: both; `learningRate` is the lower one. */
      readonly range?: RateRange;
      /** Of several curves: the lowest and the highest of their own suggestions, and how many curves had one. */
      readonly band?: RateRange & { readonly numCurves: number };
    }
  | { readonly status: Status; readonly reason: string };

/** Why there is no suggestion. */
export type NoSuggestion =
  'no-data' | 'too-few-points' | 'never-fell' | 'still-falling' | 'still-high' | 'none-converged';

/** Two learning rates. */
export type RateRange = { readonly low: number; readonly high: number };

export function found(learningRate: number, reason: string): RateSuggestion<never> {
  return { status: 'found', learningRate, reason };
}

export function notFound<Status extends NoSuggestion>(
  status: Status,
  reason: string,
): RateSuggestion<Status> {
  return { status, reason };
}

export function tooFew(count: number, needed: number = minimumPoints): RateSuggestion<'too-few-points'> {
  return notFound('too-few-points', `${count} points are too few; test with at least ${needed}`);
}
