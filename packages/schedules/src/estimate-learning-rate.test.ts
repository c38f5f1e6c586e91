import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateLearningRate, smoothEstimates, type EstimateLearningRateOptions } from './index.ts';

/** Parameters after 0, 1 and 2 updates of plain SGD on ½·Σ a·θ². */
function descend(curvatures: readonly number[], start: readonly number[], learningRate: number): number[][] {
  const update = (theta: readonly number[]): number[] =>
    theta.map((value, i) => value - learningRate * (curvatures[i] ?? 0) * value);
  const once = update(start);
  return [[...start], once, update(once)];
}

function estimate(snapshots: number[][], learningRate: number): number {
  const [previous = [], current = [], next = []] = snapshots;
  return estimateLearningRate({ previous, current, next, learningRate });
}

describe('estimateLearningRate', () => {
  it('is 1/a on a quadratic of curvature a, without rounding where the numbers are dyadic', () => {
    // a = 2, rate ¼: 1, ½, ¼; moved ½, bent |1 − 1 − ¼| = ¼; ¼·½/¼ = ½
    expect(estimate(descend([2], [1], 0.25), 0.25)).toBe(0.5);
    // a = 8, rate ¼ oscillates and diverges no further than θ, −θ, θ: moved 2, bent 4; ¼·2/4 = ⅛
    expect(estimate(descend([8], [1], 0.25), 0.25)).toBe(0.125);
    // a = 16, rate ¼ diverges: 1, −3, 9; moved 4, bent |−6 − 1 − 9| = 16; ¼·4/16 = 1/16
    expect(estimate(descend([16], [1], 0.25), 0.25)).toBe(0.0625);
  });

  it.each([0.001, 0.1, 1, 3, 700])('is 1/a for a = %d, at any rate and from any start', (curvature) => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (share, start) => {
          const learningRate = share / curvature;
          const found = estimate(descend([curvature], [start], learningRate), learningRate);
          expect(Math.abs(found * curvature - 1)).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it('weighs curvatures by how far their parameters moved', () => {
    // a = 1 and 3 from 1 at rate ¼: 1, ¾, 9/16 and 1, ¼, 1/16
    // moved ¼ + ¾ = 1; bent |1.5 − 1 − 9/16| + |½ − 1 − 1/16| = 1/16 + 9/16; ¼·1/(10/16) = 0.4
    expect(estimate(descend([1, 3], [1, 1], 0.25), 0.25)).toBe(0.4);
  });

  it('takes a list of tensors, and typed arrays', () => {
    const [previous = [], current = [], next = []] = descend([1, 3, 2], [1, 1, 0], 0.25);
    const split = (values: number[]): Float32Array[] => [
      new Float32Array(values.slice(0, 1)),
      new Float32Array(values.slice(1)),
    ];
    expect(
      estimateLearningRate({
        previous: split(previous),
        current: split(current),
        next: split(next),
        learningRate: 0.25,
      }),
    ).toBe(0.4);
    const flat = new Float64Array(previous);
    expect(estimateLearningRate({ previous: flat, current, next, learningRate: 0.25 })).toBe(0.4);
  });

  it('stays finite without curvature, and keeps the rate where nothing moved', () => {
    expect(estimate([[1], [2], [3]], 0.5)).toBe(0.5 * 2 ** 52);
    expect(estimate([[1], [1], [1]], 0.5)).toBe(0.5);
    // θ₁ = θ₀: the formula itself gives 0
    expect(estimate([[1], [1], [2]], 0.5)).toBe(0);
    expect(estimate([[1], [2], [3]], 0)).toBe(0);
  });

  const valid: EstimateLearningRateOptions = {
    previous: [1, 2],
    current: [1, 3],
    next: [1, 5],
    learningRate: 1,
  };

  it.each<[Partial<EstimateLearningRateOptions>, string]>([
    [{ current: [1] }, 'current[0].length must be 2, as in previous, got 1'],
    [{ next: [1, 2, 3] }, 'next[0].length must be 2, as in previous, got 3'],
    [{ next: [[1, 2], [3]] }, 'next.length must be 1, got 2'],
    [{ previous: [] }, 'previous.length must be at least 1, got 0'],
    [{ previous: [1, NaN] }, 'previous[0][1] must be a finite number, got NaN'],
    [{ current: [Infinity, 0] }, 'current[0][0] must be a finite number, got Infinity'],
    [{ next: [NaN, 0] }, 'next[0][0] must be a finite number, got NaN'],
    [{ previous: [1e308, 0], current: [-1e308, 0] }, 'sum of differences must be finite, got Infinity'],
    [{ learningRate: -1 }, 'learningRate must be a finite number ≥ 0, got -1'],
    [{ learningRate: NaN }, 'learningRate must be a finite number ≥ 0, got NaN'],
  ])('refuses %j', (wrong, message) => {
    expect(() => estimateLearningRate({ ...valid, ...wrong })).toThrow(
      new RangeError(`estimateLearningRate: ${message}`),
    );
  });
});

describe('smoothEstimates', () => {
  it('is 0.9·average + 0.1·estimate from 0.1 on', () => {
    // 0.09 + 0.11 = 0.2; 0.18 + 0.02 = 0.2; 0.18 + 0 = 0.18
    const averages = smoothEstimates([1.1, 0.2, 0]);
    expect(averages).toHaveLength(3);
    [0.2, 0.2, 0.18].forEach((expected, index) => {
      expect(averages[index]).toBeCloseTo(expected, 15);
    });
    expect(smoothEstimates([])).toEqual([]);
  });

  it('keeps the first average for a factor of 1, and follows every estimate for 0', () => {
    expect(smoothEstimates([1, 2], { factor: 1, initial: 4 })).toEqual([4, 4]);
    expect(smoothEstimates([1, 2], { factor: 0 })).toEqual([1, 2]);
  });

  it('refuses what is out of range', () => {
    expect(() => smoothEstimates([1, NaN])).toThrow(
      new RangeError('smoothEstimates: estimates[1] must be a finite number ≥ 0, got NaN'),
    );
    expect(() => smoothEstimates([], { factor: 1.5 })).toThrow(/factor must be a finite number from 0 to 1/);
    expect(() => smoothEstimates([], { initial: -1 })).toThrow(/initial must be a finite number ≥ 0/);
  });
});
