import { describe, expect, it } from 'vitest';
import { oneCycleLR, type OneCycleLROptions } from './index.ts';

/** Values at steps 0 … 9, and at 10, which torch allows too. */
const steps = [...Array(11).keys()];
const run = (options: Partial<OneCycleLROptions>): { rates: number[]; momenta: number[] } => {
  const { learningRate, momentum } = oneCycleLR({
    maxLr: 1,
    totalSteps: 10,
    ...options,
    cycleMomentum: true,
  });
  return { rates: steps.map(learningRate), momenta: steps.map(momentum) };
};
const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(10)));

describe('oneCycleLR', () => {
  it('has the cosine of torch, which rises again at step T where it is strict', () => {
    const { rates, momenta } = run({ strict: true });
    expect(rounded(rates)).toEqual([
      0.04, 0.52, 1, 0.950484632, 0.8117456539, 0.6112620219, 0.3887419781, 0.1882583461, 0.04951936799, 4e-6,
      0.04951936799,
    ]);
    expect(rounded(momenta)).toEqual([
      0.95, 0.9, 0.85, 0.8549515566, 0.8688255099, 0.8888739533, 0.9111260467, 0.9311744901, 0.9450484434,
      0.95, 0.9450484434,
    ]);
  });

  it('has the straight lines of torch, which go below 0 at step T where it is strict', () => {
    expect(rounded(run({ annealStrategy: 'linear', strict: true }).rates)).toEqual([
      0.04, 0.52, 1, 0.8571434286, 0.7142868571, 0.5714302857, 0.4285737143, 0.2857171429, 0.1428605714, 4e-6,
      -0.1428525714,
    ]);
  });

  it('has the three phases of torch', () => {
    const { rates, momenta } = run({ threePhase: true, strict: true });
    expect(rounded(rates)).toEqual([
      0.04, 0.52, 1, 0.52, 0.04, 0.03618072185, 0.02618172185, 0.01382227815, 0.003823278146, 4e-6,
      0.003823278146,
    ]);
    expect(rounded(momenta)).toEqual([0.95, 0.9, 0.85, 0.9, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95]);
    expect(rounded(run({ threePhase: true, annealStrategy: 'linear', strict: true }).rates)).toEqual([
      0.04, 0.52, 1, 0.52, 0.04, 0.0320008, 0.0240016, 0.0160024, 0.0080032, 4e-6, -0.0079952,
    ]);
  });

  it('is exact in the runs of one, two and three updates', () => {
    const tiny = (totalSteps: number, pctStart: number): number[] => {
      const options = { annealStrategy: 'linear', divFactor: 4, finalDivFactor: 4 } as const;
      return [-1, 0, 1, 2, 3, 1e9].map(
        oneCycleLR({ maxLr: 16, totalSteps, pctStart, ...options }).learningRate,
      );
    };
    // ¼·1 − 1 < 0: past the peak, and step 0 is the last: 16 / 4 / 4
    expect(tiny(1, 0.25)).toEqual([1, 1, 1, 1, 1, 1]);
    // the peak is at step −½, so step 0 is a third of the way from 16 to 1: 16 − 15 / 3
    expect(tiny(2, 0.25)).toEqual([11, 11, 1, 1, 1, 1]);
    // the peak is at step 0.75·2 − 1 = ½; step 1 is the last
    expect(tiny(2, 0.75)).toEqual([4, 4, 1, 1, 1, 1]);
    // the peak is at step ½·3 − 1 = ½; step 1 is a third of the way from there to step 2: 16 − 15 / 3
    expect(tiny(3, 0.5)).toEqual([4, 4, 11, 1, 1, 1]);
  });

  it('starts at the peak where torch divides by zero, and is a RangeError where it is strict', () => {
    const options = { maxLr: 1, totalSteps: 2, pctStart: 0.5 };
    const { learningRate, momentum } = oneCycleLR(options);
    expect([0, 1, 2].map(learningRate)).toEqual([1, 4e-6, 4e-6]);
    expect([0, 1, 2].map(momentum)).toEqual([0.85, 0.95, 0.95]);
    const message = 'oneCycleLR: pctStart must be such that no phase has 0 steps, got 0.5';
    expect(() => oneCycleLR({ ...options, strict: true })).toThrow(new RangeError(message));
  });

  it('misses the peak where pctStart · totalSteps is not a whole number', () => {
    const { learningRate } = oneCycleLR({ maxLr: 1, totalSteps: 25 });
    expect(Math.max(...[...Array(25).keys()].map(learningRate)).toFixed(5)).toBe('0.99799');
  });

  it('has no step after step T where it is strict, as in torch', () => {
    const { learningRate } = oneCycleLR({ maxLr: 1, totalSteps: 10, strict: true });
    const message = 'oneCycleLR: step must be at most totalSteps, 10, got 11';
    expect(() => learningRate(11)).toThrow(new RangeError(message));
  });

  it('counts epochs · stepsPerEpoch steps, unless there are totalSteps', () => {
    const counts = { epochs: 3, stepsPerEpoch: 4 };
    expect(oneCycleLR({ maxLr: 1, ...counts }).learningRate.spec).toEqual({
      type: 'torch.oneCycleLR',
      of: 'learningRate',
      maxLr: 1,
      totalSteps: 12,
      pctStart: 0.3,
      annealStrategy: 'cos',
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
      strict: false,
    });
    expect(oneCycleLR({ maxLr: 1, totalSteps: 5, ...counts }).momentum.spec).toMatchObject({
      of: 'momentum',
      totalSteps: 5,
    });
  });

  it('has no momentum without cycleMomentum', () => {
    expect(oneCycleLR({ maxLr: 1, totalSteps: 10, cycleMomentum: false }).momentum).toBeUndefined();
  });

  it.each<[Partial<OneCycleLROptions>, string]>([
    [{ totalSteps: 0 }, 'oneCycleLR: totalSteps must be an integer ≥ 1, got 0'],
    [{ totalSteps: undefined }, 'oneCycleLR: totalSteps or epochs must be an integer ≥ 1, got undefined'],
    [
      { totalSteps: undefined, epochs: 2, stepsPerEpoch: 0.5 },
      'oneCycleLR: stepsPerEpoch must be an integer ≥ 1, got 0.5',
    ],
    [{ maxLr: -1 }, 'oneCycleLR: maxLr must be a finite number ≥ 0, got -1'],
    [{ pctStart: 30 }, 'oneCycleLR: pctStart must be a finite number ≥ 0 and ≤ 1, got 30'],
    [{ divFactor: 0 }, 'oneCycleLR: divFactor must be a finite number > 0, got 0'],
    [{ divFactor: 1e-320 }, 'oneCycleLR: maxLr / divFactor must be a finite number ≥ 0, got Infinity'],
  ])('refuses %j', (wrong, message) => {
    const options = { maxLr: 1, totalSteps: 10, ...wrong } as OneCycleLROptions;
    expect(() => oneCycleLR(options)).toThrow(new RangeError(message));
  });
});
