import { describe, expect, it } from 'vitest';
import {
  constantLR,
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  exponentialLR,
  lambdaLR,
  linearLR,
  multiStepLR,
  polynomialLR,
  stepLR,
  type TorchSchedules,
} from './index.ts';

const steps = [-1, 0, 1, 2, 3, 4, 5];
const rates = ({ learningRate }: TorchSchedules): number[] => steps.map(learningRate);

describe("torch's decays in short", () => {
  it('stepLR, multiStepLR and exponentialLR multiply by powers of gamma', () => {
    expect(rates(stepLR({ lr: 8, stepSize: 2, gamma: 0.5 }))).toEqual([8, 8, 8, 4, 4, 2, 2]);
    expect(rates(multiStepLR({ lr: 8, milestones: [4, 1, 1], gamma: 0.5 }))).toEqual([8, 8, 2, 2, 2, 1, 1]);
    expect(rates(exponentialLR({ lr: 8, gamma: 0.5 }))).toEqual([8, 8, 4, 2, 1, 0.5, 0.25]);
  });

  it('constantLR, linearLR and polynomialLR are over after totalIters', () => {
    expect(rates(constantLR({ lr: 8, factor: 0.5, totalIters: 2 }))).toEqual([4, 4, 4, 8, 8, 8, 8]);
    expect(rates(linearLR({ lr: 8, startFactor: 0.25, totalIters: 3 }))).toEqual([2, 2, 4, 6, 8, 8, 8]);
    expect(rates(polynomialLR({ lr: 16, totalIters: 4, power: 2 }))).toEqual([16, 16, 9, 4, 1, 0, 0]);
  });

  it('they hold their first value for ever with totalIters 0', () => {
    expect(rates(constantLR({ lr: 8, factor: 0.5, totalIters: 0 }))).toEqual([4, 4, 4, 4, 4, 4, 4]);
    expect(rates(linearLR({ lr: 8, startFactor: 0.5, totalIters: 0 }))).toEqual([4, 4, 4, 4, 4, 4, 4]);
    expect(rates(polynomialLR({ lr: 8, totalIters: 0 }))).toEqual([8, 8, 8, 8, 8, 8, 8]);
  });

  it('linearLR does not fall below 0 by rounding', () => {
    // 0.1 + (−0.1·3)/3 is −1.4e−17 in float64
    expect(linearLR({ lr: 1, startFactor: 0.1, endFactor: 0, totalIters: 3 }).learningRate(3)).toBe(0);
  });

  it('constantLR goes from 0 to lr where torch divides by zero', () => {
    expect(rates(constantLR({ lr: 8, factor: 0, totalIters: 2 }))).toEqual([0, 0, 0, 8, 8, 8, 8]);
  });

  it('cosineAnnealingLR rises again after tMax', () => {
    const found = rates(cosineAnnealingLR({ lr: 5, tMax: 2, etaMin: 1 }));
    expect(found.map((rate) => Number(rate.toFixed(12)))).toEqual([5, 5, 3, 1, 3, 5, 3]);
  });

  it('cosineAnnealingWarmRestarts goes back to lr instead of etaMin', () => {
    const found = rates(cosineAnnealingWarmRestarts({ lr: 5, t0: 2, etaMin: 1 }));
    expect(found.map((rate) => Number(rate.toFixed(12)))).toEqual([5, 5, 3, 5, 3, 5, 3]);
    // cycles of 1, 2, 4: the third is from step 3 on, and half-way at step 5
    const longer = rates(cosineAnnealingWarmRestarts({ lr: 4, t0: 1, tMult: 2 }));
    expect(longer.map((rate) => Number(rate.toFixed(6)))).toEqual([4, 4, 4, 2, 4, 3.414214, 2]);
  });

  it('lambdaLR multiplies by a function, and stops at 0 unless it is strict', () => {
    const falling = { lr: 8, lrLambda: (step: number): number => 1 - step / 2 };
    expect(rates(lambdaLR(falling))).toEqual([8, 8, 4, 0, 0, 0, 0]);
    expect(rates(lambdaLR({ ...falling, strict: true }))).toEqual([8, 8, 4, 0, -4, -8, -12]);
    expect(() => lambdaLR(falling).learningRate.spec).toThrow(
      new TypeError('lambdaLR: lrLambda is a function, which a spec cannot hold: it is JSON'),
    );
    expect(() => lambdaLR({ lr: 1, lrLambda: () => Infinity }).learningRate(0)).toThrow(RangeError);
  });

  it.each<[() => unknown, string]>([
    [() => stepLR({ lr: 1, stepSize: 0 }), 'stepLR: stepSize must be an integer ≥ 1, got 0'],
    [
      () => multiStepLR({ lr: 1, milestones: [2.5] }),
      'multiStepLR: milestones[0] must be an integer ≥ 0, got 2.5',
    ],
    [() => exponentialLR({ lr: 1, gamma: -1 }), 'exponentialLR: gamma must be a finite number ≥ 0, got -1'],
    [() => constantLR({ lr: 1, factor: 2 }), 'constantLR: factor must be a finite number ≥ 0 and ≤ 1, got 2'],
    [
      () => linearLR({ lr: 1, startFactor: 0 }),
      'linearLR: startFactor must be a finite number > 0 and ≤ 1, got 0',
    ],
    [() => polynomialLR({ lr: -1 }), 'polynomialLR: lr must be a finite number ≥ 0, got -1'],
    [() => cosineAnnealingLR({ lr: 1, tMax: 0 }), 'cosineAnnealingLR: tMax must be an integer ≥ 1, got 0'],
    [
      () => cosineAnnealingWarmRestarts({ lr: 1, t0: 1, tMult: 0 }),
      'cosineAnnealingWarmRestarts: tMult must be an integer ≥ 1, got 0',
    ],
  ])('refuses wrong options: %s', (make, message) => {
    expect(make).toThrow(new RangeError(message));
  });
});
