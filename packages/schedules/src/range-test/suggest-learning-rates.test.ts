import { describe, expect, it } from 'vitest';
import { suggestLearningRates } from '../index.ts';

/** Rates 0.1, 0.2, … with these losses. */
const curve = (losses: readonly number[]) =>
  losses.map((validationLoss, i) => ({ learningRate: (i + 1) / 10, validationLoss }));

describe('suggestLearningRates', () => {
  it('takes the lowest point of a valley as the maximum', () => {
    const suggestion = suggestLearningRates(curve([9, 8, 7, 6, 5, 4, 3, 4, 5, 6, 7, 8, 9]));
    expect(suggestion).toMatchObject({ status: 'found', maximum: 0.7 });
    if (suggestion.status === 'found') {
      expect(suggestion.minimum.oneCycle).toBeCloseTo(0.035, 12);
      expect(suggestion.minimum.cyclical).toBeCloseTo(0.175, 12);
    }
  });

  it('is not led astray by one lucky point', () => {
    expect(suggestLearningRates(curve([9, 8, 7, 6, 5, 4, 3, 4, 5, 6, 7, 2.5, 9, 10]))).toMatchObject({
      maximum: 0.7,
    });
  });

  it('takes a divergence as the far side of the valley', () => {
    expect(suggestLearningRates(curve([9, 8, 7, 6, 5, 4, 3, 2.5, 2.2, 2, NaN]))).toMatchObject({
      status: 'found',
      maximum: 1,
    });
  });

  it.each([
    ['too-few-points', [9, 5, 9]],
    ['too-few-points', []],
    ['too-few-points', [1, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN]],
    ['never-fell', [2.3, 2.3, 2.3, 2.29, 2.3, 2.3, 2.4, 2.5, 2.6, 2.7]],
    ['still-falling', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0.5]],
  ] as const)('says %s instead of guessing', (status, losses) => {
    const suggestion = suggestLearningRates(curve(losses));
    expect(suggestion.status).toBe(status);
    expect(suggestion.reason).not.toBe('');
  });
});
