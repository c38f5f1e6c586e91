import { describe, expect, it } from 'vitest';
import { confidenceInterval, liesAbove, mean, standardDeviation } from './statistics.ts';

describe('statistics', () => {
  it('mean and sample standard deviation: 2, 4, 9 has mean 5 and variance (9 + 1 + 16) / 2 = 13', () => {
    expect(mean([2, 4, 9])).toBe(5);
    expect(standardDeviation([2, 4, 9])).toBeCloseTo(Math.sqrt(13), 12);
  });

  it('95 % interval of three values: 4.303 · s / √3', () => {
    const { mean: centre, halfWidth, n } = confidenceInterval([2, 4, 9]);
    expect([centre, n]).toEqual([5, 3]);
    expect(halfWidth).toBeCloseTo((4.303 * Math.sqrt(13)) / Math.sqrt(3), 9);
  });

  it('is about 1.96 standard errors for many values', () => {
    const values = Array.from({ length: 100 }, (_, i) => i % 2);
    expect(confidenceInterval(values).halfWidth).toBeCloseTo((1.96 * standardDeviation(values)) / 10, 12);
  });

  it('decides only when the whole interval is on one side', () => {
    expect(liesAbove({ mean: 1, halfWidth: 0.9, n: 3 }, 0)).toBe('yes');
    expect(liesAbove({ mean: 1, halfWidth: 1.1, n: 3 }, 0)).toBe('undecided');
    expect(liesAbove({ mean: -1, halfWidth: 0.9, n: 3 }, 0)).toBe('no');
    expect(liesAbove(confidenceInterval([5]), 0)).toBe('undecided');
  });
});
