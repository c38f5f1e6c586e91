import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, exponential, linear, multiStep, type Schedule } from './index.ts';

const at = (schedule: Schedule, steps: number[]): number[] => steps.map(schedule);
const positive = fc.double({ min: 1e-12, max: 1e6, noNaN: true });
const steps = fc.integer({ min: 1, max: 1_000_000 });

describe('constant', () => {
  it('is the same at every step', () => {
    expect(at(constant({ value: 0.1 }), [-1e9, -1, 0, 1, 1e9])).toEqual([0.1, 0.1, 0.1, 0.1, 0.1]);
    expect(constant({ value: -0 })(0)).toBe(0);
  });

  it('refuses a negative value', () => {
    expect(() => constant({ value: -1 })).toThrow(
      new RangeError('constant: value must be a finite number ≥ 0, got -1'),
    );
  });
});

describe('linear', () => {
  it.each([
    [{ from: 0, to: 1, steps: 1 }, [0, 1, 1, 1]],
    [{ from: 0, to: 1, steps: 2 }, [0, 1 / 2, 1, 1]],
    // 3 − 2·(1/4) = 2.5, 3 − 2·(2/4) = 2, 3 − 2·(3/4) = 1.5
    [{ from: 3, to: 1, steps: 4 }, [3, 2.5, 2, 1.5, 1, 1]],
  ])('%j', (options, expected) => {
    expect(at(linear(options), [...expected.keys()])).toEqual(expected);
  });

  it('hits its end points, is monotone and clamped', () => {
    fc.assert(
      fc.property(positive, positive, steps, fc.integer({ min: 0, max: 999_999 }), (from, to, n, k) => {
        const schedule = linear({ from, to, steps: n });
        expect(at(schedule, [-1, 0, n, n + k])).toEqual([from, from, to, to]);
        const rise = (schedule((k % n) + 1) - schedule(k % n)) * Math.sign(to - from);
        expect(rise).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([
    [{ from: -1, to: 1, steps: 1 }, 'linear: from must be a finite number ≥ 0, got -1'],
    [{ from: 0, to: Infinity, steps: 1 }, 'linear: to must be a finite number ≥ 0, got Infinity'],
    [{ from: 0, to: 1, steps: 0 }, 'linear: steps must be an integer ≥ 1, got 0'],
    [{ from: 0, to: 1, steps: 1.5 }, 'linear: steps must be an integer ≥ 1, got 1.5'],
    [{ from: 0, to: 1, steps: '9' as unknown as number }, 'linear: steps must be an integer ≥ 1, got "9"'],
  ])('refuses %j', (options, message) => {
    expect(() => linear(options)).toThrow(new RangeError(message));
  });
});

describe('exponential', () => {
  it('passes the decades', () => {
    // 8 decades in 8 steps: times 10 at every step
    const values = at(exponential({ from: 1e-7, to: 10, steps: 8 }), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10].forEach((expected, index) => {
      expect((values[index] ?? NaN) / expected).toBeCloseTo(1, 14);
    });
    expect([values[0], values[8]]).toEqual([1e-7, 10]);
  });

  it('hits its end points, is monotone and has one factor', () => {
    fc.assert(
      fc.property(positive, positive, steps, fc.integer({ min: 0, max: 999_999 }), (from, to, n, k) => {
        const schedule = exponential({ from, to, steps: n });
        expect(at(schedule, [-1, 0, n, n + k])).toEqual([from, from, to, to]);
        const factor = (to / from) ** (1 / n);
        expect(schedule((k % n) + 1) / schedule(k % n) / factor).toBeCloseTo(1, 12);
      }),
    );
  });

  it('refuses zero, which it would never reach', () => {
    expect(() => exponential({ from: 1, to: 0, steps: 5 })).toThrow(
      new RangeError('exponential: to must be a finite number > 0, got 0'),
    );
  });
});

describe('multiStep', () => {
  it('multiplies at each milestone', () => {
    const schedule = multiStep({ initial: 8, factor: 0.5, milestones: [2, 3, 6] });
    // 8, 8·½ from 2, 8·¼ from 3, 8·⅛ from 6
    expect(at(schedule, [-1, 0, 1, 2, 3, 4, 5, 6, 7, 1e9])).toEqual([8, 8, 8, 4, 2, 2, 2, 1, 1, 1]);
    expect(at(multiStep({ initial: 8, factor: 0.5, milestones: [] }), [0, 100])).toEqual([8, 8]);
  });

  it('counts milestones', () => {
    const milestones = fc
      .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 8 })
      .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        milestones,
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        fc.integer(),
        (list, factor, step) => {
          const passed = list.filter((milestone) => milestone <= step).length;
          expect(multiStep({ initial: 3, factor, milestones: list })(step)).toBe(3 * factor ** passed);
        },
      ),
    );
  });

  it.each([
    [{ initial: 1, factor: 0, milestones: [1] }, 'multiStep: factor must be a finite number > 0, got 0'],
    [{ initial: 1, factor: 0.1, milestones: [0] }, 'multiStep: milestones[0] must be an integer ≥ 1, got 0'],
    [
      { initial: 1, factor: 0.1, milestones: [5, 5] },
      'multiStep: milestones[1] must be greater than the milestone before it, 5, got 5',
    ],
    [
      { initial: 1, factor: 1e200, milestones: [1, 2] },
      'multiStep: factor must be small enough to keep the value at milestones[1] finite, got 1e+200',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => multiStep(options)).toThrow(new RangeError(message));
  });
});
