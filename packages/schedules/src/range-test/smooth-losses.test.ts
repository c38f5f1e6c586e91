import { describe, expect, it } from 'vitest';
import { smoothLosses } from '../index.ts';

describe('smoothLosses', () => {
  it('is an exponential moving average without bias', () => {
    // m: 0.5·0 + 0.5·4 = 2, 0.5·2 + 0.5·1 = 1.5, 0.5·1.5 + 0.5·4 = 2.75; divided by 1/2, 3/4, 7/8.
    expect(smoothLosses([4, 1, 4], { beta: 0.5 })).toEqual([4, 2, 2.75 / 0.875]);
  });

  it('keeps a constant loss, and with beta 0 every loss', () => {
    for (const loss of smoothLosses(Array<number>(200).fill(2.3))) expect(loss).toBeCloseTo(2.3, 12);
    expect(smoothLosses([3, 1, 2], { beta: 0 })).toEqual([3, 1, 2]);
    expect(smoothLosses([])).toEqual([]);
  });

  it('has a beta of 0.98', () => {
    // m₁ = 0.02, m₂ = 0.98·0.02 + 0.02·2 = 0.0596; 1 − 0.98² = 0.0396.
    expect(smoothLosses([1, 2])[1]).toBeCloseTo(0.0596 / 0.0396, 12);
  });

  it.each([-0.1, 1, NaN])('refuses a beta of %s', (beta) => {
    expect(() => smoothLosses([1], { beta })).toThrow(
      new RangeError(`smoothLosses: beta must be a number ≥ 0 and < 1, got ${beta}`),
    );
  });
});
