import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneCycle, type OneCycleOptions } from './index.ts';

/** Values for 0, 1, …, `totalSteps` + 1 updates done: the updates of the run, its end, and one beyond. */
function run(options: OneCycleOptions): { rates: number[]; momenta: number[] } {
  const { learningRate, momentum } = oneCycle(options);
  const steps = [...Array(options.totalSteps + 2).keys()];
  return { rates: steps.map(learningRate), momenta: steps.map(momentum) };
}

describe('oneCycle', () => {
  const rates = { maxLearningRate: 4, minLearningRate: 1 };
  const momenta = { maxMomentum: 0.75, minMomentum: 0.5 };

  it('has 4,500 + 4,500 + 1,000 updates in a run of 10,000 with a cycle of 90 %', () => {
    const { learningRate, momentum } = oneCycle({
      totalSteps: 10_000,
      cycleShare: 0.9,
      ...rates,
      ...momenta,
    });
    expect([0, 4_500, 9_000, 10_000].map(learningRate)).toEqual([1, 4, 1, 0]);
    // half-way up and down 1 + 3·½; half-way through the tail 1·½
    expect([2_250, 6_750, 9_500].map(learningRate)).toEqual([2.5, 2.5, 0.5]);
    // the last update is one of the 1,000 tail steps away from 0: 1 − 999/1000
    expect(learningRate(9_999)).toBeCloseTo(0.001, 15);
    expect([0, 2_250, 4_500, 6_750, 9_000, 9_999].map(momentum)).toEqual([
      0.75, 0.625, 0.5, 0.625, 0.75, 0.75,
    ]);
  });

  it('uses the minimum for a run of one update', () => {
    expect(run({ totalSteps: 1, ...rates, ...momenta })).toEqual({
      rates: [1, 0, 0],
      momenta: [0.75, 0.75, 0.75],
    });
  });

  it('uses the minimum and the maximum for a run of two, which leave no room for a tail', () => {
    // half = round(0.87·2/2) = 1, so the cycle takes 2 of 2
    expect(run({ totalSteps: 2, ...rates, ...momenta })).toEqual({
      rates: [1, 4, 1, 1],
      momenta: [0.75, 0.5, 0.75, 0.75],
    });
  });

  it('adds a tail of one in a run of three', () => {
    // half = round(0.87·3/2 = 1.305) = 1; the tail goes from step 2 to 3
    expect(run({ totalSteps: 3, ...rates, ...momenta })).toEqual({
      rates: [1, 4, 1, 0, 0],
      momenta: [0.75, 0.5, 0.75, 0.75, 0.75],
    });
  });

  it('is exact in a run of ten', () => {
    // half = round(0.87·10/2 = 4.35) = 4: up by 3/4 a step, down by 3/4; a tail of 2, 1 − ½ at its middle
    // momentum by 0.25/4 = 0.0625 a step
    expect(run({ totalSteps: 10, ...rates, ...momenta })).toEqual({
      rates: [1, 1.75, 2.5, 3.25, 4, 3.25, 2.5, 1.75, 1, 0.5, 0, 0],
      momenta: [0.75, 0.6875, 0.625, 0.5625, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.75, 0.75, 0.75],
    });
  });

  it('can end above 0 and have no tail', () => {
    expect(run({ totalSteps: 10, ...rates, finalLearningRate: 0.5 }).rates.slice(8, 11)).toEqual([
      1, 0.75, 0.5,
    ]);
    expect(run({ totalSteps: 4, cycleShare: 1, ...rates }).rates).toEqual([1, 2.5, 4, 2.5, 1, 1]);
  });

  it('keeps a half of at least one update, however small the share', () => {
    expect(run({ totalSteps: 4, cycleShare: 1e-9, ...rates }).rates).toEqual([1, 4, 1, 0.5, 0, 0]);
  });

  it('fills in the documented defaults', () => {
    expect(oneCycle({ totalSteps: 100, maxLearningRate: 3 }).spec).toEqual({
      type: 'oneCycle',
      totalSteps: 100,
      maxLearningRate: 3,
      minLearningRate: 3 / 20,
      finalLearningRate: 0,
      cycleShare: 0.87,
      maxMomentum: 0.95,
      minMomentum: 0.85,
    });
  });

  it.each<[Partial<OneCycleOptions>, string]>([
    [{ totalSteps: 0 }, 'oneCycle: totalSteps must be an integer ≥ 1, got 0'],
    [{ totalSteps: 2.5 }, 'oneCycle: totalSteps must be an integer ≥ 1, got 2.5'],
    [{ maxLearningRate: 0 }, 'oneCycle: maxLearningRate must be a finite number > 0, got 0'],
    [{ maxLearningRate: undefined }, 'oneCycle: maxLearningRate must be a finite number > 0, got undefined'],
    [{ minLearningRate: 2 }, 'oneCycle: minLearningRate must be a finite number from 0 to 1, got 2'],
    [
      { finalLearningRate: 0.5 },
      'oneCycle: finalLearningRate must be a finite number from 0 to 0.05, got 0.5',
    ],
    [{ cycleShare: 0 }, 'oneCycle: cycleShare must be a number > 0 and ≤ 1, got 0'],
    [{ cycleShare: 87 }, 'oneCycle: cycleShare must be a number > 0 and ≤ 1, got 87'],
    [{ maxMomentum: 1 }, 'oneCycle: maxMomentum must be a number ≥ 0 and < 1, got 1'],
    [{ minMomentum: 0.99 }, 'oneCycle: minMomentum must be a finite number from 0 to 0.95, got 0.99'],
    [{ minMomentum: NaN }, 'oneCycle: minMomentum must be a finite number from 0 to 0.95, got NaN'],
  ])('refuses %j', (wrong, message) => {
    expect(() => oneCycle({ totalSteps: 10, maxLearningRate: 1, ...wrong })).toThrow(new RangeError(message));
  });
});

describe('oneCycle properties', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const options = fc
    .record({
      totalSteps: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000_000 })),
      maxLearningRate: fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
      low: unit,
      final: unit,
      cycleShare: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      maxMomentum: fc.double({ min: 0, max: 0.999, noNaN: true }),
      lowMomentum: unit,
    })
    .map(({ low, final, lowMomentum, ...rest }) => ({
      ...rest,
      minLearningRate: rest.maxLearningRate * low,
      finalLearningRate: rest.maxLearningRate * low * final,
      minMomentum: rest.maxMomentum * lowMomentum,
    }));

  it('passes its corners exactly and is clamped outside', () => {
    fc.assert(
      fc.property(options, fc.maxSafeInteger(), (given, far) => {
        const { learningRate, momentum } = oneCycle(given);
        const { totalSteps, maxLearningRate, minLearningRate, finalLearningRate } = given;
        const rates = learningRate.spec.type === 'piecewise' ? learningRate.spec.knots : [];
        const half = totalSteps > 1 ? (rates[1]?.step ?? NaN) : 0;
        expect([learningRate(0), learningRate(2 * half)]).toEqual([minLearningRate, minLearningRate]);
        expect(momentum(2 * half)).toBe(given.maxMomentum);
        if (totalSteps > 1) expect(learningRate(half)).toBe(maxLearningRate);
        if (totalSteps > 1) expect(momentum(half)).toBe(given.minMomentum);
        const end = 2 * half === totalSteps ? minLearningRate : finalLearningRate;
        expect([learningRate(totalSteps), learningRate(totalSteps + Math.abs(far))]).toEqual([end, end]);
        expect(learningRate(-Math.abs(far))).toBe(minLearningRate);
        expect(Math.abs(2 * half - given.cycleShare * totalSteps)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('is bounded, rises, falls and falls again, with momentum the other way', () => {
    fc.assert(
      fc.property(options, unit, (given, where) => {
        const { learningRate, momentum } = oneCycle(given);
        const { totalSteps, cycleShare, maxLearningRate, minLearningRate, finalLearningRate } = given;
        const half = Math.min(
          Math.max(1, Math.round((cycleShare * totalSteps) / 2)),
          Math.floor(totalSteps / 2),
        );
        const step = Math.floor(where * (totalSteps - 1));
        const [rate, next] = [learningRate(step), learningRate(step + 1)];
        const lowest = step < 2 * half ? minLearningRate : finalLearningRate;
        expect(rate >= lowest && rate <= maxLearningRate).toBe(true);
        expect(step < half ? next >= rate : next <= rate).toBe(true);
        expect(momentum(step) >= given.minMomentum && momentum(step) <= given.maxMomentum).toBe(true);
        expect(
          step < half ? momentum(step + 1) <= momentum(step) : momentum(step + 1) >= momentum(step),
        ).toBe(true);
      }),
    );
  });
});
