import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  oneCycle,
  planOneCycle,
  stepSizeBounds,
  stepsPerEpoch,
  type PlanOneCycleOptions,
  type StepsPerEpochOptions,
} from './index.ts';

describe('stepsPerEpoch', () => {
  it('counts a short last batch unless it is dropped', () => {
    expect(stepsPerEpoch({ numSamples: 10, batchSize: 3 })).toBe(4);
    expect(stepsPerEpoch({ numSamples: 10, batchSize: 3, dropLast: true })).toBe(3);
    expect(stepsPerEpoch({ numSamples: 9, batchSize: 3 })).toBe(3);
    expect(stepsPerEpoch({ numSamples: 9, batchSize: 3, dropLast: true })).toBe(3);
    expect(stepsPerEpoch({ numSamples: 1, batchSize: 3 })).toBe(1);
  });

  it.each<[StepsPerEpochOptions, string]>([
    [{ numSamples: 0, batchSize: 1 }, 'stepsPerEpoch: numSamples must be an integer ≥ 1, got 0'],
    [{ numSamples: 9, batchSize: 0.5 }, 'stepsPerEpoch: batchSize must be an integer ≥ 1, got 0.5'],
    [
      { numSamples: 9, batchSize: 10, dropLast: true },
      'stepsPerEpoch: batchSize must be at most numSamples, 9, with dropLast, got 10',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => stepsPerEpoch(options)).toThrow(new RangeError(message));
  });
});

describe('stepSizeBounds', () => {
  it('are 2 and 10 epochs', () => {
    expect(stepSizeBounds({ stepsPerEpoch: 391 })).toEqual({ minimum: 782, maximum: 3910 });
    expect(() => stepSizeBounds({ stepsPerEpoch: 0 })).toThrow(RangeError);
  });
});

describe('planOneCycle', () => {
  const samples = { numSamples: 50_000, batchSize: 50 };

  it('gives 9,000, 4,500 and 1,000 of 10,000 updates with a share of 90 %', () => {
    expect(planOneCycle({ totalSteps: 10_000, cycleShare: 0.9, ...samples })).toEqual({
      totalSteps: 10_000,
      stepsPerEpoch: 1_000,
      stepSize: 4_500,
      cycleSteps: 9_000,
      tailSteps: 1_000,
      epochs: 10,
      notes: [],
    });
  });

  it('counts in epochs as well, also in parts of one', () => {
    // 1.25 · 1,000 updates; round(0.87·1,250/2 = 543.75) = 544; 1,250 − 1,088 = 162
    const { notes, ...plan } = planOneCycle({ epochs: 1.25, ...samples });
    expect(plan).toEqual({
      totalSteps: 1_250,
      stepsPerEpoch: 1_000,
      stepSize: 544,
      cycleSteps: 1_088,
      tailSteps: 162,
      epochs: 1.25,
    });
    expect(notes).toEqual([
      'The step size, 544, is below the 2000 to 10000 updates (2 to 10 epochs) advised.',
    ]);
    expect(planOneCycle({ epochs: 1e-9, ...samples }).totalSteps).toBe(1);
  });

  it('notes a step size out of bounds, at the bounds not', () => {
    // one update an epoch, all of it the cycle: half of the epochs
    const notes = (epochs: number): readonly string[] =>
      planOneCycle({ epochs, cycleShare: 0.9, numSamples: 1, batchSize: 1 }).notes;
    // round(0.45·n): 3 → 1, 4 → 2, 23 → 10, 25 → 11
    expect(notes(3)).toEqual(['The step size, 1, is below the 2 to 10 updates (2 to 10 epochs) advised.']);
    expect([notes(5), notes(23)]).toEqual([[], []]);
    expect(notes(25)).toEqual(['The step size, 11, is above the 2 to 10 updates (2 to 10 epochs) advised.']);
  });

  it('notes where there is no tail, and no cycle', () => {
    const run = { numSamples: 1, batchSize: 1 };
    expect(planOneCycle({ totalSteps: 4, cycleShare: 1, ...run }).notes).toEqual([
      'The cycle takes the whole run: there is no tail.',
    ]);
    expect(planOneCycle({ totalSteps: 1, ...run })).toMatchObject({
      stepSize: 0,
      cycleSteps: 0,
      tailSteps: 1,
      notes: ['A run of one update has no room for a cycle.'],
    });
  });

  it('notes a last batch that is short', () => {
    const run = { totalSteps: 20, numSamples: 10, batchSize: 4 };
    expect(planOneCycle(run)).toMatchObject({
      stepsPerEpoch: 3,
      notes: ['The last 2 samples of an epoch make a short batch, as 4 is the batch size.'],
    });
    expect(planOneCycle({ ...run, dropLast: true })).toMatchObject({
      stepsPerEpoch: 2,
      notes: ['The last 2 samples of an epoch are left out, as 4 is the batch size.'],
    });
  });

  it.each<[object, string]>([
    [{}, 'planOneCycle: epochs must be given, or totalSteps, and not both, got undefined'],
    [{ epochs: 1, totalSteps: 1 }, 'planOneCycle: epochs must be given, or totalSteps, and not both, got 1'],
    [{ epochs: 0 }, 'planOneCycle: epochs must be a finite number > 0, got 0'],
    [{ totalSteps: 1.5 }, 'planOneCycle: totalSteps must be an integer ≥ 1, got 1.5'],
    [{ epochs: 1, cycleShare: 90 }, 'planOneCycle: cycleShare must be a number > 0 and ≤ 1, got 90'],
    [{ epochs: 1e300 }, 'planOneCycle: epochs · steps per epoch must be an integer ≥ 1, got 1e+303'],
  ])('refuses %j', (options, message) => {
    const all = { ...samples, ...options } as PlanOneCycleOptions;
    expect(() => planOneCycle(all)).toThrow(new RangeError(message));
  });

  it('plans what oneCycle does', () => {
    const options = fc.record({
      totalSteps: fc.integer({ min: 1, max: 100_000 }),
      cycleShare: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      numSamples: fc.integer({ min: 1, max: 100_000 }),
      batchSize: fc.integer({ min: 1, max: 1_000 }),
    });
    fc.assert(
      fc.property(options, (given) => {
        const { totalSteps, stepSize, cycleSteps, tailSteps } = planOneCycle(given);
        const { cycleShare } = given;
        const { learningRate } = oneCycle({ totalSteps, cycleShare, maxLearningRate: 4, minLearningRate: 1 });
        expect(cycleSteps + tailSteps).toBe(totalSteps);
        expect(learningRate(stepSize)).toBe(stepSize > 0 ? 4 : 1);
        expect(learningRate(cycleSteps)).toBe(1);
        expect(learningRate(cycleSteps + tailSteps)).toBe(tailSteps > 0 ? 0 : 1);
      }),
    );
  });
});
