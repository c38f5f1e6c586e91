import { describe, expect, it } from 'vitest';
import {
  constant,
  flatThenCosine,
  fromFunction,
  linear,
  warmUp,
  warmUpStableDecay,
  type Schedule,
  type WarmUpStableDecayOptions,
} from './index.ts';

describe('warmUp', () => {
  const fall = linear({ from: 4, to: 0, steps: 4 });

  it.each([
    [{ steps: 1 }, [0, 4, 3, 2, 1, 0, 0]],
    [{ steps: 2 }, [0, 2, 4, 3, 2, 1, 0]],
    // 1 + (4 − 1)/3 = 2 a step
    [{ steps: 3, from: 1 }, [1, 2, 3, 4, 3, 2, 1]],
  ])('%j', (options, expected) => {
    const schedule = warmUp(fall, options);
    expect([...expected.keys()].map(schedule)).toEqual(expected);
    expect(schedule(-1)).toBe(expected[0]);
  });

  it('rises to the first value in ten, wherever it comes from', () => {
    const schedule = warmUp(constant({ value: 1 }), { steps: 10, from: 2 });
    expect([0, 5, 10, 1e9].map(schedule)).toEqual([2, 1.5, 1, 1]);
    expect(
      warmUp(
        fromFunction(() => 3),
        { steps: 3 },
      )(1),
    ).toBe(1);
  });

  it('refuses what is out of range', () => {
    expect(() => warmUp(fall, { steps: 0 })).toThrow(
      new RangeError('warmUp: steps must be an integer ≥ 1, got 0'),
    );
    expect(() => warmUp(fall, { steps: 1, from: -1 })).toThrow('warmUp: from must be a finite number ≥ 0');
    expect(() => warmUp(Math.sqrt as unknown as Schedule, { steps: 1 })).toThrow(TypeError);
  });
});

describe('warmUpStableDecay', () => {
  it.each<[WarmUpStableDecayOptions, number[]]>([
    [{ peak: 4, warmUpSteps: 0, stableSteps: 0, decaySteps: 1 }, [4, 0, 0]],
    [{ peak: 4, warmUpSteps: 1, stableSteps: 0, decaySteps: 1, from: 1, to: 2 }, [1, 4, 2, 2]],
    [{ peak: 4, warmUpSteps: 1, stableSteps: 1, decaySteps: 1 }, [0, 4, 4, 0, 0]],
    // 1/2 and 1/2 of 4; stable from 2 to 6; 3/4, 1/2, 1/4 of 4
    [{ peak: 4, warmUpSteps: 2, stableSteps: 4, decaySteps: 4 }, [0, 2, 4, 4, 4, 4, 4, 3, 2, 1, 0, 0]],
    // 1 − √(1/4) = 1/2, 1 − √(2/4) = 0.29289…, 1 − √(3/4) = 0.13397…
    [
      { peak: 1, warmUpSteps: 0, stableSteps: 0, decaySteps: 4, decay: 'one-minus-sqrt' },
      [1, 0.5, 0.2928932188134524, 0.1339745962155614, 0],
    ],
    // 1 + 4·(1 + cos(π/3)) / 2 = 4, 1 + 4·(1 + cos(2π/3)) / 2 = 2
    [{ peak: 5, to: 1, warmUpSteps: 0, stableSteps: 1, decaySteps: 3, decay: 'cosine' }, [5, 5, 4, 2, 1, 1]],
  ])('%j', (options, expected) => {
    const schedule = warmUpStableDecay(options);
    expected.forEach((at, step) => {
      expect(schedule(step), `step ${step}`).toBeCloseTo(at, 14);
    });
    const [peakAt, endAt] = [
      options.warmUpSteps,
      options.warmUpSteps + options.stableSteps + options.decaySteps,
    ];
    expect([schedule(peakAt), schedule(endAt)]).toEqual([options.peak, options.to ?? 0]);
  });

  it('refuses what is out of range', () => {
    const options = { peak: 1, warmUpSteps: 0, stableSteps: 0, decaySteps: 0 };
    expect(() => warmUpStableDecay(options)).toThrow(
      new RangeError('warmUpStableDecay: decaySteps must be an integer ≥ 1, got 0'),
    );
  });
});

describe('flatThenCosine', () => {
  it.each([
    [{ value: 2, flatSteps: 0, decaySteps: 1 }, [2, 0, 0]],
    [{ value: 2, flatSteps: 1, decaySteps: 2 }, [2, 2, 1, 0, 0]],
    // 1 + 4·3/4 = 4, 1 + 4·1/4 = 2, as in a cosine of three
    [{ value: 5, to: 1, flatSteps: 7, decaySteps: 3 }, [5, 5, 5, 5, 5, 5, 5, 5, 4, 2, 1, 1]],
  ])('%j', (options, expected) => {
    const schedule = flatThenCosine(options);
    expected.forEach((at, step) => {
      expect(schedule(step), `step ${step}`).toBeCloseTo(at, 14);
    });
  });
});
