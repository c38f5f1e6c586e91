import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  analyzeRangeTest,
  fastaiMinimum,
  fastaiSlide,
  fastaiSteep,
  fastaiValley,
  rangeTestStop,
  smoothLosses,
} from '../index.ts';

/** Rates 1, 2, 4, … with these losses. */
const curve = (losses: readonly number[]) => losses.map((loss, i) => ({ learningRate: 2 ** i, loss }));
const rates = (losses: readonly number[]) =>
  [fastaiValley, fastaiMinimum, fastaiSteep, fastaiSlide].map((rule) => {
    const suggestion = rule(curve(losses));
    return suggestion.status === 'found' ? suggestion.learningRate : suggestion.status;
  });

interface Case {
  readonly learningRates: readonly number[];
  readonly losses: readonly (number | null)[];
  readonly smoothed: readonly (number | null)[];
  readonly stoppedEarly: boolean;
  readonly skipStart: number;
  readonly valley: number;
  readonly slide: number;
  readonly minimum: number;
  readonly steep: number;
}
const fixture = new URL('../../../../fixtures/fastai/lr-find.json', import.meta.url);
const { beta, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly beta: number;
  readonly cases: Readonly<Record<string, Case>>;
};

describe('fastai’s rules', () => {
  it('on a valley', () => {
    // Decreasing: 9 8 7 6 5 4 3 2, of length 8, ends at index 7: 7 − 8 + ⌊8/3⌋ + ⌊8/6⌋ = 2.
    // Lowest at index 7: 128 / 10. Steepest: the first of the equal falls, index 0. Too short for slide.
    expect(rates([9, 8, 7, 6, 5, 4, 3, 2, 5, 9])).toEqual([4, 12.8, 1, 'too-few-points']);
  });

  it('on a valley with noise', () => {
    // Longest decreasing: 9 8 7 6.5 6.2 5 1, of length 7, ends at index 8: 8 − 7 + 2 + 1 = 4.
    // Steepest: from 5 to 1, index 7.
    expect(rates([9, 8, 8.5, 7, 6, 6.5, 6.2, 5, 1, 5]).slice(0, 3)).toEqual([16, 25.6, 128]);
  });

  it('slide: from the end to where the gradients 15 points apart agree', () => {
    // Gradient 0 up to index 17 (losses of 1, the first is 1.1), then the losses 1 1.2 1.4 from index 18 on: gradients
    // 0.1 at 18, 0.2 at 19 and 20. Pairs (20, 5), (19, 4), (18, 3) differ, (17, 2) does not: the left of (18, 3).
    const losses = [1.1, ...Array<number>(18).fill(1), 1.2, 1.4];
    expect(fastaiSlide(curve(losses))).toMatchObject({ status: 'found', learningRate: 2 ** 3 });
    // No gradients differ, at the end either: the first left point, 16th from the end.
    expect(fastaiSlide(curve([1.1, ...Array<number>(19).fill(1)]))).toMatchObject({ learningRate: 2 ** 4 });
  });

  it('say what is missing', () => {
    expect(rates([])).toEqual(Array(4).fill('too-few-points'));
    expect(rates([9, 8, 7, 6, 5, NaN, 3, 2, 1, 1, 1])).toEqual(Array(4).fill('too-few-points'));
    expect(rates([1, ...Array<number>(20).fill(2)])).toEqual(Array(4).fill('never-fell'));
  });

  it('stay at the first rate where fastai’s valley would begin before it', () => {
    // Length 2, ends at index 1: 1 − 2 + 0 + 0 = −1, in Python the last point.
    expect(fastaiValley(curve([2, 1, ...Array<number>(10).fill(3)]))).toMatchObject({ learningRate: 1 });
  });

  it.each(Object.entries(cases))(
    '%s: the same as fastai’s, from the losses of every update',
    (_, expected) => {
      const losses = expected.losses.map((loss) => loss ?? NaN);
      smoothLosses(losses, { beta }).forEach((loss, i) => {
        const smoothed = expected.smoothed[i];
        expect(loss).toEqual(typeof smoothed === 'number' ? expect.closeTo(smoothed, 10) : NaN);
      });
      const stop = rangeTestStop(losses);
      expect(stop?.reason === 'loss-exploded').toBe(expected.stoppedEarly);
      if (expected.stoppedEarly) expect(stop?.index).toBe(losses.length - 1);

      const points = losses.map((trainingLoss, i) => ({
        learningRate: expected.learningRates[i] ?? NaN,
        trainingLoss,
      }));
      const analysis = analyzeRangeTest(points, { beta, skipStart: expected.skipStart });
      const found = (rate: number) => ({ status: 'found', learningRate: expect.closeTo(rate, 12) as number });
      expect(analysis).toMatchObject({
        fastaiValley: found(expected.valley),
        fastaiSlide: found(expected.slide),
        fastaiMinimum: found(expected.minimum),
        fastaiSteep: found(expected.steep),
        maximumByLoss: { status: 'no-data' },
        maximumByAccuracy: { status: 'no-data' },
      });
    },
  );
});
