import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineRestarts, type CosineRestartsOptions } from './index.ts';

describe('cosineRestarts', () => {
  it.each<[CosineRestartsOptions, number[]]>([
    // a cycle of one update is its maximum
    [{ maximum: 1, period: 1 }, [1, 1, 1, 1]],
    // (1 + cos(π/2)) / 2 = 1/2
    [{ maximum: 1, period: 2 }, [1, 0.5, 1, 0.5, 1]],
    // 1 + 4·(1 + cos(π/3)) / 2 = 4, 1 + 4·(1 + cos(2π/3)) / 2 = 2
    [{ maximum: 5, minimum: 1, period: 3 }, [5, 4, 2, 5, 4, 2, 5]],
    // cycles of 1, 2, 4 updates; in the third (1 ± cos(π/4)) / 2 and 1/2
    [
      { maximum: 1, period: 1, periodFactor: 2 },
      [1, 1, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672627, 1],
    ],
    // maxima 4, 2, 1
    [{ maximum: 4, period: 2, maximumFactor: 0.5 }, [4, 2, 2, 1, 1, 0.5]],
    // maxima 4, 2 and then the minimum, 1.5: 1.5 + 2.5/2 = 2.75, 1.5 + 0.5/2 = 1.75
    [{ maximum: 4, minimum: 1.5, period: 2, maximumFactor: 0.5 }, [4, 2.75, 2, 1.75, 1.5, 1.5]],
    // two cycles of 2 and 2·2, then the minimum
    [
      { maximum: 1, period: 2, periodFactor: 2, cycles: 2 },
      [1, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672627, 0, 0],
    ],
  ])('%j', (options, expected) => {
    const schedule = cosineRestarts(options);
    expected.forEach((at, step) => {
      expect(schedule(step), `step ${step}`).toBeCloseTo(at, 14);
    });
  });

  it('has its maximum at the restart, not an update later', () => {
    for (let factor = 1; factor <= 12; factor++) {
      for (const period of [1, 2, 3, 7, 10, 390, 1_000]) {
        const schedule = cosineRestarts({ maximum: 0.1, minimum: 0.03, period, periodFactor: factor });
        // Restarts one after the other, in integers that a number holds exactly.
        let [start, length] = [0, period];
        for (let cycle = 0; cycle < 200 && start + length < 1e15; cycle++) {
          expect(schedule(start)).toBe(0.1);
          if (length > 1) expect(schedule(start + length - 1)).toBeLessThan(0.1);
          start += length;
          length *= factor;
        }
      }
    }
  });

  it('falls in its first cycle, and stays between its bounds', () => {
    const given = fc.record({
      maximum: fc.double({ min: 0.5, max: 2, noNaN: true }),
      minimum: fc.double({ min: 0, max: 0.5, noNaN: true }),
      period: fc.integer({ min: 2, max: 1_000 }),
      periodFactor: fc.double({ min: 1, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(given, fc.nat(100_000), (options, step) => {
        const schedule = cosineRestarts(options);
        const early = step % (options.period - 1);
        expect(schedule(early + 1)).toBeLessThanOrEqual(schedule(early));
        expect(schedule(step)).toBeGreaterThanOrEqual(options.minimum);
        expect(schedule(step)).toBeLessThanOrEqual(options.maximum);
      }),
    );
  });

  it.each<[Partial<CosineRestartsOptions>, string]>([
    [{ minimum: 2 }, 'cosineRestarts: minimum must be at most maximum, 1, got 2'],
    [
      { periodFactor: 0.5 },
      'cosineRestarts: periodFactor must be a finite number ≥ 1 and ≤ 1000000, got 0.5',
    ],
    [{ maximumFactor: 2 }, 'cosineRestarts: maximumFactor must be a finite number ≥ 0 and ≤ 1, got 2'],
    [{ cycles: 0 }, 'cosineRestarts: cycles must be an integer ≥ 1, got 0'],
  ])('refuses %j', (options, message) => {
    expect(() => cosineRestarts({ maximum: 1, period: 1, ...options })).toThrow(new RangeError(message));
  });
});
