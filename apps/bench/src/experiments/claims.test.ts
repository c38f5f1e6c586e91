import { describe, expect, it } from 'vitest';
import { engine } from '../testing/engine-summary.ts';
import { comparisonClaims, rangeTestClaims, timingClaims } from './claims.ts';
import type { ComparisonResult } from './comparison.ts';
import type { RangeTestRunResult } from './range-test-run.ts';
import type { TimingResult } from './timing.ts';
import type { TrainedRun } from './training-pool.ts';
import { trainDefaults } from './train-config.ts';

function timing(model: string, iterationSeconds: number[], multiplyAccumulates: number): TimingResult {
  const seconds = iterationSeconds.reduce((sum, value) => sum + value, 0);
  const iterations = iterationSeconds.length;
  return {
    ...{
      model,
      batchSize: 64,
      iterations,
      seconds,
      secondsPerIteration: seconds / iterations,
      imagesPerSecond: 1,
    },
    ...{
      gflopsPerSecond: 1,
      gcPercent: 0,
      tensorsAllocated: 0,
      bytesAllocated: 0,
      peakRssBytes: 0,
      deviceMemoryBytes: null,
    },
    ...{
      engine,
      mode: 'forward-backward',
      compile: true,
      iterationSeconds,
      multiplyAccumulates,
      gradients: 1,
    },
  };
}

function trained(schedule: 'one-cycle' | 'multi-step', testAccuracy: number, seed: number): TrainedRun {
  return {
    config: {
      ...{
        ...trainDefaults,
        model: 'resnet-8',
        schedule,
        maxLearningRate: 1,
        minLearningRate: 0.05,
        batchSize: 128,
      },
      ...{ steps: 10, trainSize: 1280, seed, scoreOn: ['test'] },
    },
    result: {
      ...{
        run: 'x',
        testAccuracy,
        testLoss: 1,
        validationAccuracy: testAccuracy,
        validationLoss: 1,
        steps: 10,
        seconds: 1,
      },
      ...{ reason: 'completed', weightsHash: '' },
    },
    log: [],
  };
}

const comparison = (cycle: number[], step: number[], chosenRate = 1): ComparisonResult => ({
  'one-cycle': {
    search: [],
    chosenRate,
    runs: cycle.map((accuracy, i) => trained('one-cycle', accuracy, i)),
  },
  'multi-step': {
    search: [],
    chosenRate,
    runs: step.map((accuracy, i) => trained('multi-step', accuracy, i)),
  },
});

const rangeTest = (maximum?: number): RangeTestRunResult => ({
  ...{ points: [], stopped: 'range-done', run: 'x', seconds: 1 },
  suggestion:
    maximum === undefined
      ? { status: 'still-falling', reason: '' }
      : { status: 'found', reason: '', maximum, minimum: { oneCycle: maximum / 20, cyclical: maximum / 4 } },
});

describe('claims', () => {
  it('compares ten iterations with the original’s 7.95 s', () => {
    const held = (...seconds: number[]) => timingClaims([timing('wrn-16-10', seconds, 2.4e9)])[0]?.held;
    expect(held(0.5, 0.51, 0.49)).toBe('yes');
    expect(held(5, 5.1, 4.9)).toBe('no');
    expect(held(0.5, 0.8, 1.1)).toBe('undecided');
    expect(timingClaims([timing('wrn-16-10', [5, 5.1, 4.9], 2.4e9)])[0]?.ours).toBe('50.00 s');
  });

  it('compares the ratio of times with 20 and shows the ratio of multiply-accumulates', () => {
    const claim = (other: number) =>
      timingClaims([
        timing('wrn-16-10', [2, 2, 2], 2.4e9),
        timing('resnet-50-cifar', [other, other, other], 1.2e9),
      ])[1];
    expect(claim(0.1)).toMatchObject({ held: 'yes', ours: '20.0× (2.0× the multiply-accumulates)' });
    expect(claim(0.5)).toMatchObject({ held: 'no' });
  });

  it('decides the comparison by the 95 % interval of the paired difference', () => {
    const claim = (cycle: number[], step: number[]) => comparisonClaims(comparison(cycle, step))[0];
    expect(claim([0.6, 0.62, 0.64], [0.58, 0.601, 0.619])).toMatchObject({ held: 'yes', n: 3 });
    expect(claim([0.58, 0.601, 0.619], [0.6, 0.62, 0.64])).toMatchObject({ held: 'no' });
    expect(claim([0.6, 0.62, 0.64], [0.62, 0.61, 0.63])).toMatchObject({ held: 'undecided' });
    // Differences 2, 1.9, 2.1: mean 2, s.d. 0.1, half-width 4.303 · 0.1 / √3 = 0.25.
    expect(claim([0.6, 0.62, 0.64], [0.58, 0.601, 0.619])?.spread).toBe('+2.00 ± 0.25 points');
  });

  it('asks of the range tests that they show a maximum, and that it is near the best rate', () => {
    const held = (...maxima: (number | undefined)[]) =>
      rangeTestClaims(maxima.map(rangeTest), comparison([1], [1])).map((claim) => claim.held);
    expect(held(0.8, 1.5)).toEqual(['yes', 'yes']);
    expect(held(0.8, 3)).toEqual(['yes', 'undecided']);
    expect(held(0.1, 3)).toEqual(['yes', 'no']);
    expect(held(0.8, undefined)).toEqual(['undecided', 'undecided']);
    expect(held(undefined)).toEqual(['no', 'no']);
  });
});
