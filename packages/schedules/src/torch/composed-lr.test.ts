import { describe, expect, it } from 'vitest';
import { constant } from '../index.ts';
import {
  chainedScheduler,
  constantLR,
  cosineAnnealingLR,
  cyclicLR,
  exponentialLR,
  lambdaLR,
  linearLR,
  oneCycleLR,
  sequentialLR,
  type TorchSchedules,
} from './index.ts';

const warmUp = linearLR({ lr: 1, startFactor: 0.5, totalIters: 2 });
const decay = exponentialLR({ lr: 1, gamma: 0.5 });
const cyclic = cyclicLR({ baseLr: 1, maxLr: 5, stepSizeUp: 2, baseMomentum: 0.5, maxMomentum: 1 });

describe('sequentialLR', () => {
  it('begins each scheduler with its step 0 at its milestone', () => {
    const { learningRate } = sequentialLR({ schedulers: [warmUp, decay], milestones: [3] });
    expect([-1, 0, 1, 2, 3, 4, 5].map(learningRate)).toEqual([0.5, 0.5, 0.75, 1, 1, 0.5, 0.25]);
  });

  it('passes over a scheduler that has no steps', () => {
    const { learningRate } = sequentialLR({ schedulers: [decay, warmUp, decay], milestones: [2, 2] });
    expect([0, 1, 2, 3].map(learningRate)).toEqual([1, 0.5, 1, 0.5]);
    expect(sequentialLR({ schedulers: [warmUp, decay], milestones: [0] }).learningRate(0)).toBe(1);
  });

  it('holds the momentum while a scheduler without one runs', () => {
    const { learningRate, momentum } = sequentialLR({
      schedulers: [warmUp, cyclic, decay],
      milestones: [2, 5],
    });
    expect([0, 1, 2, 3, 4, 5, 6].map(learningRate)).toEqual([0.5, 0.75, 1, 3, 5, 1, 0.5]);
    // before its cycle the first momentum, after it the one of its last step, 4 − 2 = 2
    expect(momentum && [0, 1, 2, 3, 4, 5, 6].map(momentum)).toEqual([1, 1, 1, 0.75, 0.5, 0.5, 0.5]);
    expect(sequentialLR({ schedulers: [warmUp, decay], milestones: [2] }).momentum).toBeUndefined();
  });

  it('has no spec where a part has none', () => {
    const lambda = lambdaLR({ lr: 1, lrLambda: () => 1 });
    const { learningRate } = sequentialLR({ schedulers: [warmUp, lambda], milestones: [2] });
    expect(() => learningRate.spec).toThrow(TypeError);
  });

  it.each([
    [[], 'sequentialLR: milestones must be ascending, one fewer than schedulers, got '],
    [[3, 2], 'sequentialLR: milestones must be ascending, one fewer than schedulers, got 3,2'],
    [[2, 3, 4], 'sequentialLR: milestones must be ascending, one fewer than schedulers, got 2,3,4'],
    [[1.5, 3], 'sequentialLR: milestones[0] must be an integer ≥ 0, got 1.5'],
  ])('refuses milestones %j of three schedulers', (milestones, message) => {
    const options = { schedulers: [warmUp, decay, warmUp], milestones };
    expect(() => sequentialLR(options)).toThrow(new RangeError(message));
  });
});

it.each([
  ['sequentialLR', sequentialLR],
  ['chainedScheduler', chainedScheduler],
])('%s refuses a schedule in the place of a scheduler', (name, compose) => {
  const bare = constant({ value: 1 }) as unknown as TorchSchedules;
  const message = `${name}: schedulers[0].learningRate must be a schedule, got undefined`;
  expect(() => compose({ lr: 1, schedulers: [bare], milestones: [] })).toThrow(new TypeError(message));
});

describe('chainedScheduler', () => {
  it('multiplies the factors', () => {
    const schedulers = [constantLR({ lr: 1, factor: 0.5, totalIters: 2 }), decay];
    const { learningRate } = chainedScheduler({ lr: 1, schedulers });
    // 1·½, ½·½, then the constant is over: ¼, ⅛
    expect([0, 1, 2, 3].map(learningRate)).toEqual([0.5, 0.25, 0.25, 0.125]);
  });

  it.each([
    ['cosineAnnealingLR', cosineAnnealingLR({ lr: 1, tMax: 4 })],
    ['cyclicLR', cyclic],
    ['oneCycleLR', oneCycleLR({ maxLr: 1, totalSteps: 4 })],
  ])('refuses %s, which does not multiply', (name, scheduler) => {
    expect(() => chainedScheduler({ lr: 1, schedulers: [decay, scheduler] })).toThrow(
      new RangeError(
        'chainedScheduler: schedulers[1] must be one of stepLR, multiStepLR, exponentialLR, constantLR, linearLR, ' +
          `polynomialLR, got "torch.${name}"`,
      ),
    );
  });

  it('refuses a scheduler of another rate, and an empty list', () => {
    expect(() => chainedScheduler({ lr: 2, schedulers: [decay] })).toThrow(
      new RangeError('chainedScheduler: schedulers[0].lr must be lr, 2, got 1'),
    );
    expect(() => chainedScheduler({ lr: 2, schedulers: [] })).toThrow(RangeError);
  });
});
