import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rangeTestSchedule, type RangeTestScheduleOptions } from './index.ts';

it.each<[RangeTestScheduleOptions, number[]]>([
  [{ minimum: 1, maximum: 4, steps: 1 }, [1, 1, 1]],
  [{ minimum: 1, maximum: 4, steps: 2 }, [1, 4, 4]],
  // (4 − 1) / 2 a step
  [{ minimum: 1, maximum: 4, steps: 3 }, [1, 2.5, 4, 4]],
  // √(4/1) a step
  [{ minimum: 1, maximum: 4, steps: 3, scale: 'exponential' }, [1, 2, 4, 4]],
  [{ minimum: 0, maximum: 9, steps: 10 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]],
])('%j', (options, expected) => {
  expect([...expected.keys()].map(rangeTestSchedule(options))).toEqual(expected);
});

it('uses the maximum in the last update, exactly, and rises up to it', () => {
  const given = fc.record({
    minimum: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    maximum: fc.double({ min: 1, max: 100, noNaN: true }),
    steps: fc.integer({ min: 2, max: 10_000 }),
    scale: fc.constantFrom('linear', 'exponential'),
  });
  fc.assert(
    fc.property(given, fc.nat(10_000), (options, step) => {
      const rates = rangeTestSchedule(options);
      expect([rates(0), rates(options.steps - 1)]).toEqual([options.minimum, options.maximum]);
      expect(rates(step + 1)).toBeGreaterThanOrEqual(rates(step));
    }),
  );
});

it('refuses what is out of range', () => {
  expect(() => rangeTestSchedule({ minimum: 2, maximum: 1, steps: 9 })).toThrow(
    new RangeError('rangeTestSchedule: maximum must be at least minimum, 2, got 1'),
  );
  expect(() => rangeTestSchedule({ minimum: 0, maximum: 1, steps: 9, scale: 'exponential' })).toThrow(
    new RangeError('rangeTestSchedule: minimum must be > 0 on an exponential scale, got 0'),
  );
});
