import { describe, expect, it } from 'vitest';
import { rangeTestStop } from '../index.ts';

describe('rangeTestStop', () => {
  it.each([
    { losses: [], stop: undefined },
    { losses: [2, 1, 4, 0.5, 2], stop: undefined }, // 4 and 2 are four times the best, not more
    { losses: [2, 1, 4.1, 0.5], stop: { index: 2, reason: 'loss-exploded' } },
    { losses: [2, NaN], stop: { index: 1, reason: 'diverged' } },
    { losses: [Infinity, 2], stop: { index: 0, reason: 'diverged' } },
  ])('of $losses, as they are, says $stop', ({ losses, stop }) => {
    expect(rangeTestStop(losses, { beta: 0 })).toEqual(stop);
  });

  it('smooths by default, so that one bad batch does not end the test', () => {
    const losses = [...Array<number>(50).fill(1), 10, 1, 1];
    expect(rangeTestStop(losses, { beta: 0 })).toEqual({ index: 50, reason: 'loss-exploded' });
    expect(rangeTestStop(losses)).toBeUndefined();
  });

  it('compares the first smoothed loss beyond the factor', () => {
    // Smoothed with 0.5: 2, (0.5·1 + 0.5·5) / 0.75 = 4, (0.5·3 + 0.5·9) / 0.875 = 6.86.
    expect(rangeTestStop([2, 5, 9], { beta: 0.5, factor: 3 })).toEqual({ index: 2, reason: 'loss-exploded' });
    expect(rangeTestStop([2, 5, 9], { beta: 0.5, factor: 3.5 })).toBeUndefined();
  });

  it('says the same after each point as after the test', () => {
    const losses = [3, 2, 1, 2, 6, 1];
    const after = losses.map((_, i) => rangeTestStop(losses.slice(0, i + 1), { beta: 0 })?.index);
    expect(after).toEqual([undefined, undefined, undefined, undefined, 4, 4]);
  });

  it.each([1, 0, NaN])('refuses a factor of %s', (factor) => {
    expect(() => rangeTestStop([], { factor })).toThrow(/rangeTestStop: factor must be a number > 1, got/);
  });
});
