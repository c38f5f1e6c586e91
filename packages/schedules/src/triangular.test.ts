import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triangular, type TriangularOptions } from './index.ts';

describe('triangular', () => {
  it('repeats for ever', () => {
    const schedule = triangular({ minimum: 1, maximum: 5, stepSize: 4 });
    // up by (5 − 1)/4 = 1 a step, down by as much, and again
    const expected = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 1];
    expect([...expected.keys()].map(schedule)).toEqual(expected);
    expect([-1, -3].map(schedule)).toEqual([1, 1]);
    expect(schedule(8 * 1e12 + 3)).toBe(4);
  });

  it('ends at the minimum after its cycles', () => {
    const schedule = triangular({ minimum: 1, maximum: 5, stepSize: 2, cycles: 2 });
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1e9].map(schedule)).toEqual([
      1, 3, 5, 3, 1, 3, 5, 3, 1, 1, 1, 1,
    ]);
  });

  it('alternates at a step size of one', () => {
    expect([0, 1, 2, 3].map(triangular({ minimum: 0, maximum: 1, stepSize: 1 }))).toEqual([0, 1, 0, 1]);
  });

  it.each<[TriangularOptions, string]>([
    [{ minimum: -1, maximum: 5, stepSize: 4 }, 'triangular: minimum must be a finite number ≥ 0, got -1'],
    [{ minimum: 6, maximum: 5, stepSize: 4 }, 'triangular: maximum must be a finite number ≥ 6, got 5'],
    [{ minimum: 1, maximum: 5, stepSize: 0 }, 'triangular: stepSize must be an integer ≥ 1, got 0'],
    [
      { minimum: 1, maximum: 5, stepSize: 4, cycles: 0.5 },
      'triangular: cycles must be an integer ≥ 1, got 0.5',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => triangular(options)).toThrow(new RangeError(message));
  });

  const options = fc
    .tuple(
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
    )
    .map(([minimum, height, stepSize]) => ({ minimum, maximum: minimum + height, stepSize }));

  it('has its extremes at whole half cycles, stays between them, repeats and mirrors', () => {
    fc.assert(
      fc.property(options, fc.nat(1000), fc.nat(100_000), (given, cycle, offset) => {
        const { minimum, maximum, stepSize } = given;
        const schedule = triangular(given);
        const start = 2 * stepSize * cycle;
        const inside = offset % stepSize;
        expect([schedule(start), schedule(start + stepSize)]).toEqual([minimum, maximum]);
        const [value, next] = [schedule(start + inside), schedule(start + inside + 1)];
        expect(minimum <= value && value <= next && next <= maximum).toBe(true);
        expect(value).toBe(schedule(inside));
        expect(schedule(start + 2 * stepSize - inside)).toBeCloseTo(value, 10);
      }),
    );
  });
});
