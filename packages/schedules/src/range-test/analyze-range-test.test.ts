import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeRangeTest, suggestLearningRates, type RangeTestCurvePoint } from '../index.ts';

/** Rates 0.1, 0.2, … */
const withAccuracies = (accuracies: readonly number[]) =>
  accuracies.map((validationAccuracy, i) => ({ learningRate: (i + 1) / 10, validationAccuracy }));
const withLosses = (losses: readonly number[]) =>
  losses.map((validationLoss, i) => ({ learningRate: (i + 1) / 10, validationLoss }));
const rise = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const valley = [9, 8, 7, 6, 5, 4, 3, 4, 5, 6, 7, 8, 9];

describe('Smith’s rules', () => {
  it('the maximum is where the validation loss is lowest, the minimum a part of it', () => {
    const analysis = analyzeRangeTest(withLosses(valley));
    expect(analysis.maximumByLoss).toMatchObject({ status: 'found', learningRate: 0.7 });
    expect(analysis.cyclicalMinimum).toMatchObject({
      learningRate: 0.7 / 4,
      range: { low: 0.7 / 4, high: 0.7 / 3 },
    });
    expect(analysis.oneCycleMinimum).toMatchObject({
      learningRate: 0.7 / 20,
      range: { low: 0.7 / 20, high: 0.7 / 10 },
    });
    expect(analysis.maximumByAccuracy).toMatchObject({ status: 'no-data' });
    expect(analysis.maximumByLoss).not.toHaveProperty('band');
  });

  it('the accuracy rises, then falls', () => {
    // In per cent, smoothed: the first (3·10 + 2·20 + 30) / 6 = 16.7, then 22.5 and 30 (straight lines stay), the largest
    // (70 + 2·80 + 3·90 + 2·80 + 70) / 9 = 81.1 at index 8. A tenth of the rise is 6.4: index 1, 22.5, is the last below
    // 16.7 + 6.4; index 10, 70, is below 81.1 − 6.4.
    const analysis = analyzeRangeTest(withAccuracies([...rise, 0.9, 0.8, 0.7, 0.6, 0.5]));
    expect(analysis.maximumByAccuracy).toMatchObject({ status: 'found', learningRate: 0.9 });
    expect(analysis.maximumByAccuracy.reason).toMatch(/falls/);
    expect(analysis.minimumByAccuracy).toMatchObject({ status: 'found', learningRate: 0.2 });
    // Without losses, the minima are parts of this maximum.
    expect(analysis.cyclicalMinimum).toMatchObject({ learningRate: 0.9 / 4 });
  });

  it('the accuracy rises, then turns ragged', () => {
    // Smoothed: from 16.7 to 66.7 at index 7, (60 + 2·70 + 3·80 + 2·40 + 80) / 9; a tenth is 5, the half of the rise is
    // done at index 4. Mean steps of the accuracy: at index 6 down 40 / 9 = 4.4; at index 7 down 2·40 / 9 = 8.9 and up
    // (10 + 2·10 + 3·10 + 40) / 9 = 11.1. The best before is index 6.
    const analysis = analyzeRangeTest(withAccuracies([...rise, 0.4, 0.8, 0.4, 0.8, 0.4]));
    expect(analysis.maximumByAccuracy).toMatchObject({ status: 'found', learningRate: 0.7 });
    expect(analysis.maximumByAccuracy.reason).toMatch(/ragged/);
  });

  it('an accuracy that only slows, or that was lost', () => {
    const slow = [...rise, 0.82, 0.84, 0.85, 0.84, 0.85, 0.84];
    expect(analyzeRangeTest(withAccuracies(slow)).maximumByAccuracy.status).toBe('still-high');
    // The last point is the best: smoothed, (0.84 + 2·0.85 + 3·0.86) / 6 = 0.853.
    const lost = [...rise, 0.82, 0.84, 0.85, 0.86, NaN];
    expect(analyzeRangeTest(withAccuracies(lost)).maximumByAccuracy).toMatchObject({ learningRate: 1.2 });
    expect(analyzeRangeTest(withAccuracies(Array(12).fill(0.1))).maximumByAccuracy.status).toBe('never-fell');
  });

  it('agree with suggestLearningRates', () => {
    const curves = [valley, valley.slice(0, 7), valley.map(() => 2), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0.5], []];
    for (const losses of curves.map(withLosses)) {
      const { maximumByLoss, oneCycleMinimum } = analyzeRangeTest(losses);
      const suggestion = suggestLearningRates(losses);
      if (losses.length > 0)
        expect(maximumByLoss).toMatchObject({ status: suggestion.status, reason: suggestion.reason });
      if (suggestion.status === 'found' && oneCycleMinimum.status === 'found') {
        expect(maximumByLoss).toMatchObject({ learningRate: suggestion.maximum });
        expect(oneCycleMinimum.learningRate).toBe(suggestion.minimum.oneCycle);
      }
    }
  });
});

describe('analyzeRangeTest', () => {
  it('has the median of several curves, with the band of those that show something', () => {
    const shifted = (by: number) =>
      withLosses([...Array.from({ length: by }, (_, i) => 9 + by - i), ...valley]);
    const curves = [shifted(3), shifted(0), withLosses(valley.map(() => 2)), shifted(1), shifted(2)];
    const band = { low: 0.7, high: 1, numCurves: 4 };
    // Of 0.7, 0.8, 0.9 and 1 the lower one in the middle.
    expect(analyzeRangeTest(curves).maximumByLoss).toMatchObject({ learningRate: 0.8, band });
    expect(analyzeRangeTest([[], []]).maximumByLoss.status).toBe('no-data');
    expect(analyzeRangeTest([curves[2] ?? [], []]).maximumByLoss.status).toBe('never-fell');
  });

  it('has a band of no width for the same curve several times', () => {
    const curve = withLosses(valley);
    const [one, three] = [analyzeRangeTest(curve), analyzeRangeTest([curve, curve, curve])];
    for (const [name, suggestion] of Object.entries(one)) {
      const { learningRate: rate } = { learningRate: undefined, ...suggestion };
      const band = rate === undefined ? {} : { band: { low: rate, high: rate, numCurves: 3 } };
      expect(three).toMatchObject({ [name]: { ...suggestion, ...band } });
    }
  });

  it('reads the training loss by fastai’s rules, or the validation loss, both ends cut off', () => {
    // 30 points: 3 are left out at the start, 5 at the end, so 3 to 24 stay. The losses fall by 1 each, to index 20.
    const losses = Array.from({ length: 30 }, (_, i) => Math.abs(20 - i) + 1);
    const validation = withLosses(losses);
    const both = validation.map((point, i) => ({ ...point, trainingLoss: i + 1 }));
    expect(analyzeRangeTest(validation).fastaiMinimum).toMatchObject({ learningRate: 2.1 / 10 });
    expect(analyzeRangeTest(both).fastaiMinimum.status).toBe('never-fell');
    expect(analyzeRangeTest(both, { loss: 'validationLoss' }).fastaiMinimum).toMatchObject({
      learningRate: 2.1 / 10,
    });
    // 3 to 19 stay.
    expect(analyzeRangeTest(validation, { skipEnd: 10 }).fastaiMinimum).toMatchObject({ learningRate: 0.2 });
    // The logarithm of these rates grows ever more slowly, so that the last fall is the steepest.
    expect(analyzeRangeTest(validation).fastaiSteep).toMatchObject({ learningRate: 2 });
  });

  it('leaves out points whose rate does not rise, is not finite or not positive', () => {
    const curve = withLosses(valley);
    const other = [0, -1, NaN, Infinity, 0.1].map((learningRate) => ({ learningRate, validationLoss: 0 }));
    const [first, ...others] = curve;
    const spoilt = [...other.slice(0, 4), ...(first ? [first] : []), ...other, ...others, ...other];
    expect(analyzeRangeTest(spoilt)).toEqual(analyzeRangeTest(curve));
  });

  it('never throws, and finds only rates that were tested, or parts of them', () => {
    const anything = fc.oneof(
      fc.double({ min: 0, max: 10 }),
      fc.double(),
      fc.constantFrom(undefined, NaN, Infinity, 0, 1, 1e308),
    );
    const point = fc.record({
      learningRate: fc.oneof(fc.double({ min: 1e-9, max: 100, noNaN: true }), fc.double()),
      trainingLoss: anything,
      validationLoss: anything,
      validationAccuracy: anything,
    });
    const curve = fc
      .tuple(fc.array(point, { maxLength: 60 }), fc.boolean())
      .map(([points, sorted]): RangeTestCurvePoint[] =>
        sorted ? points.sort((a, b) => a.learningRate - b.learningRate) : points,
      );
    const options = fc.record(
      {
        loss: fc.constantFrom('trainingLoss' as const, 'validationLoss' as const),
        beta: fc.constantFrom(0, 0.5, 0.98),
        skipStart: fc.nat(20),
        skipEnd: fc.nat(70),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(curve, { minLength: 1, maxLength: 3 }), options, (curves, chosen) => {
        const tested = new Set(curves.flat().map(({ learningRate }) => learningRate));
        const largest = Math.max(0, ...[...tested].filter((rate) => Number.isFinite(rate)));
        for (const curve of [...curves, curves]) {
          for (const [name, suggestion] of Object.entries(analyzeRangeTest(curve, chosen))) {
            expect(suggestion.reason).not.toBe('');
            if (suggestion.status !== 'found') continue;
            if (/^(maximum|minimum)By|Valley|Slide|Steep/.test(name))
              expect(tested).toContain(suggestion.learningRate);
            else expect(suggestion.learningRate > 0 && suggestion.learningRate <= largest).toBe(true);
          }
        }
      }),
    );
  });

  it('names wrong options', () => {
    expect(() => analyzeRangeTest([], { beta: 1 })).toThrow(/beta must be a number ≥ 0 and < 1, got 1/);
    expect(() => analyzeRangeTest([], { skipStart: -1 })).toThrow(/analyzeRangeTest: skipStart .*, got -1/);
    expect(() => analyzeRangeTest([], { skipEnd: NaN })).toThrow(/analyzeRangeTest: skipEnd .*, got NaN/);
    // @ts-expect-error -- not the name of a loss
    expect(() => analyzeRangeTest([], { loss: 'accuracy' })).toThrow(
      /analyzeRangeTest: loss .*, got "accuracy"/,
    );
  });
});
