import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cosine,
  exponential,
  inverseSquareRoot,
  inverseTime,
  polynomial,
  stepDecay,
  warmUp,
} from './index.ts';

const value = fc.double({ min: 0, max: 1e6, noNaN: true });
const steps = fc.integer({ min: 1, max: 100_000 });

describe('cosine', () => {
  it.each([
    [1, [2, 0, 0]],
    // (1 + cos(π/2)) / 2 = 1/2
    [2, [2, 1, 0, 0]],
    // (1 + cos(π/3)) / 2 = 3/4, (1 + cos(2π/3)) / 2 = 1/4
    [3, [2, 1.5, 0.5, 0, 0]],
  ])('falls from 2 to 0 in %d updates', (n, expected) => {
    const schedule = cosine({ from: 2, to: 0, steps: n });
    expected.forEach((at, step) => {
      expect(schedule(step)).toBeCloseTo(at, 15);
    });
  });

  it('is symmetric about the middle of ten', () => {
    const schedule = cosine({ from: 0, to: 1, steps: 10 });
    // (1 − cos(π/10)) / 2 = 0.0244717…, (1 − cos(3π/10)) / 2 = 0.2061073…
    expect([0, 5, 10].map(schedule)).toEqual([0, 0.5, 1]);
    expect(schedule(1)).toBeCloseTo(0.024471741852423, 14);
    expect(schedule(3)).toBeCloseTo(0.206107373853763, 14);
    [1, 2, 3, 4].forEach((step) => {
      expect(schedule(step) + schedule(10 - step)).toBeCloseTo(1, 14);
    });
  });
});

describe('polynomial', () => {
  it.each([
    [{ from: 3, to: 1, steps: 1, power: 2 }, [3, 1, 1]],
    // 1 + 2·(1/2)² = 1.5
    [{ from: 3, to: 1, steps: 2, power: 2 }, [3, 1.5, 1, 1]],
    // 9·(2/3)² = 4, 9·(1/3)² = 1
    [{ from: 9, to: 0, steps: 3, power: 2 }, [9, 4, 1, 0, 0]],
    // without a power, a straight line: 10 − 1 a step
    [{ from: 10, to: 0, steps: 10 }, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]],
    // upwards too: 1 − (1/2)² = 0.75
    [{ from: 0, to: 1, steps: 2, power: 2 }, [0, 0.75, 1, 1]],
  ])('%j', (options, expected) => {
    const schedule = polynomial(options);
    expected.forEach((at, step) => {
      expect(schedule(step)).toBeCloseTo(at, 14);
    });
  });

  it('hits its end points and is monotone', () => {
    const power = fc.double({ min: 0.1, max: 9, noNaN: true });
    fc.assert(
      fc.property(value, value, steps, power, fc.nat(100_000), (from, to, n, exponent, k) => {
        const schedule = polynomial({ from, to, steps: n, power: exponent });
        expect([-1, 0, n, n + k].map(schedule)).toEqual([from, from, to, to]);
        expect((schedule(k + 1) - schedule(k)) * Math.sign(to - from)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('inverseSquareRoot', () => {
  it('halves when three timescales are done', () => {
    // 6/√1, 6/√(1 + 3/1) = 3, 6/√(1 + 8/1) = 2
    expect([-1, 0, 3, 8].map(inverseSquareRoot({ initial: 6, timescale: 1 }))).toEqual([6, 6, 3, 2]);
  });

  it('is the rate of the Transformer after a warm-up of its timescale', () => {
    // arXiv 1706.03762, equation 3: width^−0.5 · min(n^−0.5, n · warmup^−1.5), with 512 and 4,000
    const transformer = (n: number): number => 512 ** -0.5 * Math.min(n ** -0.5, n * 4_000 ** -1.5);
    const schedule = warmUp(inverseSquareRoot({ initial: transformer(4_000), timescale: 4_000 }), {
      steps: 4_000,
    });
    [1, 100, 3_999, 4_000, 4_001, 16_000, 100_000].forEach((n) => {
      expect(schedule(n) / transformer(n)).toBeCloseTo(1, 13);
    });
  });
});

describe('inverseTime', () => {
  it.each([
    // 6 / (1 + step)
    [{ initial: 6, rate: 1 }, [6, 3, 2, 1.5]],
    // 36 / (1 + step)²
    [{ initial: 36, rate: 1, power: 2 }, [36, 9, 4, 2.25]],
    [{ initial: 6, rate: 0 }, [6, 6, 6, 6]],
    [{ initial: 6, rate: 1, power: 0 }, [6, 6, 6, 6]],
  ])('%j', (options, expected) => {
    expect([0, 1, 2, 3].map(inverseTime(options))).toEqual(expected);
  });

  it('is what Caffe uses for LeNet', () => {
    // lenet_solver.prototxt: base_lr 0.01, gamma 0.0001, power 0.75; 0.01 · 2^−0.75 at 10,000
    const schedule = inverseTime({ initial: 0.01, rate: 0.0001, power: 0.75 });
    expect(schedule(10_000)).toBeCloseTo(0.005946035575013605, 15);
  });
});

describe('stepDecay', () => {
  it('multiplies at every multiple of the step size', () => {
    const schedule = stepDecay({ initial: 8, factor: 0.5, stepSize: 3 });
    expect([-1, 0, 2, 2.9, 3, 5, 6, 9, 10].map(schedule)).toEqual([8, 8, 8, 8, 4, 4, 2, 1, 1]);
    expect([0, 1, 2, 3].map(stepDecay({ initial: 8, factor: 0.5, stepSize: 1 }))).toEqual([8, 4, 2, 1]);
    expect([0, 1, 2].map(stepDecay({ initial: 8, factor: 0, stepSize: 2 }))).toEqual([8, 8, 0]);
  });

  it('touches an exponential at its steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(20), (stepSize, k) => {
        const stairs = stepDecay({ initial: 1, factor: 0.5, stepSize });
        const ramp = exponential({ from: 1, to: 2 ** -20, steps: 20 * stepSize });
        expect(stairs(k * stepSize) / ramp(k * stepSize)).toBeCloseTo(1, 12);
      }),
    );
  });
});

it.each<[() => unknown, string]>([
  [() => cosine({ from: -1, to: 0, steps: 1 }), 'cosine: from must be a finite number ≥ 0, got -1'],
  [() => cosine({ from: 1, to: 0, steps: 0 }), 'cosine: steps must be an integer ≥ 1, got 0'],
  [
    () => polynomial({ from: 1, to: 0, steps: 1, power: 0 }),
    'polynomial: power must be a finite number > 0, got 0',
  ],
  [
    () => inverseSquareRoot({ initial: 1, timescale: 0 }),
    'inverseSquareRoot: timescale must be a finite number > 0, got 0',
  ],
  [() => inverseTime({ initial: 1, rate: -1 }), 'inverseTime: rate must be a finite number ≥ 0, got -1'],
  [
    () => stepDecay({ initial: 1, factor: 2, stepSize: 1 }),
    'stepDecay: factor must be a finite number ≥ 0 and ≤ 1, got 2',
  ],
])('refuses an option that is out of range: %#', (make, message) => {
  expect(make).toThrow(new RangeError(message));
});
