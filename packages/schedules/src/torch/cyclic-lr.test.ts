import { describe, expect, it } from 'vitest';
import { cyclicLR, type CyclicLROptions } from './index.ts';

const steps = [...Array(17).keys()];
const golden = { baseLr: 1, maxLr: 5, stepSizeUp: 4 };
const rates = (options: Partial<CyclicLROptions>): number[] =>
  steps.map(cyclicLR({ ...golden, ...options }).learningRate);

describe('cyclicLR', () => {
  it('has the triangles of torch', () => {
    expect(rates({})).toEqual([1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 1]);
    expect(rates({ mode: 'triangular2' })).toEqual([
      1, 2, 3, 4, 5, 4, 3, 2, 1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1,
    ]);
    expect(rates({ mode: 'exp_range', gamma: 0.9 }).map((rate) => Number(rate.toPrecision(10)))).toEqual([
      1, 1.9, 2.62, 3.187, 3.6244, 2.77147, 2.062882, 1.4782969, 1, 1.387420489, 1.69735688, 1.941431788,
      2.129718146, 1.762559748, 1.457535849, 1.205891132, 1,
    ]);
  });

  it('can fall slower than it rises', () => {
    // up by 2 in each of 2 steps, down by 4/6 in each of 6
    const found = rates({ stepSizeUp: 2, stepSizeDown: 6 })
      .slice(0, 9)
      .map((rate) => Number(rate.toFixed(6)));
    expect(found).toEqual([1, 3, 5, 4.333333, 3.666667, 3, 2.333333, 1.666667, 1]);
  });

  it('is a saw where stepSizeDown is 0', () => {
    expect(rates({ stepSizeDown: 0 }).slice(0, 9)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1]);
  });

  it('has a momentum between 0.8 and 0.9, inverse to the rate', () => {
    const { momentum } = cyclicLR(golden);
    expect([0, 4, 8].map(momentum)).toEqual([0.9, 0.8, 0.9]);
    expect(momentum(2)).toBeCloseTo(0.85, 15);
    expect(cyclicLR({ ...golden, cycleMomentum: false }).momentum).toBeUndefined();
  });

  it('gives a scaleFn the cycle, or the step', () => {
    const scaleFn = (x: number): number => 1 / (1 + x);
    // the peaks of cycles 1 and 2: 1 + 4/2 and 1 + 4/3; or of steps 4 and 12: 1 + 4/5 and 1 + 4/13
    expect([4, 12].map(cyclicLR({ ...golden, scaleFn }).learningRate)).toEqual([3, 1 + 4 / 3]);
    const found = cyclicLR({ ...golden, scaleFn, scaleMode: 'iterations' }).learningRate;
    expect([4, 12].map(found)).toEqual([1 + 4 / 5, 1 + 4 / 13]);
  });

  it('stops at 0, unless it is strict', () => {
    const scaleFn = (): number => -1;
    expect(cyclicLR({ ...golden, scaleFn }).learningRate(4)).toBe(0);
    expect(cyclicLR({ ...golden, scaleFn, strict: true }).learningRate(4)).toBe(-3);
  });

  it('has no spec with a scaleFn, and no values where that has none', () => {
    const { learningRate } = cyclicLR({ ...golden, scaleFn: () => NaN });
    expect(() => learningRate.spec).toThrow(TypeError);
    expect(() => learningRate(1)).toThrow('cyclicLR: scaleFn must be a function to finite numbers, got NaN');
  });

  it.each<[object, string]>([
    [{ stepSizeUp: 0 }, 'cyclicLR: stepSizeUp must be a finite number ≥ 1, got 0'],
    [{ mode: 'exp' }, 'cyclicLR: mode must be one of triangular, triangular2, exp_range, got "exp"'],
    [
      { scaleMode: 'steps', scaleFn: () => 1 },
      'cyclicLR: scaleMode must be one of cycle, iterations, got "steps"',
    ],
  ])('refuses %j', (wrong, message) => {
    expect(() => cyclicLR({ ...golden, ...wrong })).toThrow(new RangeError(message));
  });
});
