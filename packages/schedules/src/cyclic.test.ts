import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cyclic,
  fromFunction,
  linear,
  stepDecay,
  triangular,
  type CyclicOptions,
  type Schedule,
} from './index.ts';

describe('cyclic', () => {
  const base = { minimum: 1, maximum: 5 };

  it.each<[CyclicOptions, number[]]>([
    [{ ...base, stepSizeUp: 1 }, [1, 5, 1, 5]],
    // up by 4/2 a step
    [{ ...base, stepSizeUp: 2 }, [1, 3, 5, 3, 1]],
    // up by 4/1, down by 4/2
    [{ ...base, stepSizeUp: 1, stepSizeDown: 2 }, [1, 5, 3, 1, 5, 3, 1]],
    [{ ...base, stepSizeUp: 4, stepSizeDown: 1, cycles: 1 }, [1, 2, 3, 4, 5, 1, 1, 1]],
    // heights 1, 1/2, 1/4
    [{ ...base, stepSizeUp: 1, mode: 'triangular2' }, [1, 5, 1, 3, 1, 2, 1]],
    // 4·1·½^1, 4·1·½^3, 4·1·½^5
    [{ ...base, stepSizeUp: 1, mode: 'exponentialRange', gamma: 0.5 }, [1, 3, 1, 1.5, 1, 1.125, 1]],
    // an amplitude of 1, 2, 3 for cycles 0, 1, 2
    [{ ...base, stepSizeUp: 1, amplitude: linear({ from: 1, to: 9, steps: 8 }) }, [1, 5, 1, 9, 1, 13, 1]],
    // an amplitude of 1/2, 1/8, 1/32 at steps 1, 3, 5
    [
      {
        ...base,
        stepSizeUp: 1,
        amplitude: stepDecay({ initial: 1, factor: 0.5, stepSize: 1 }),
        amplitudePer: 'step',
      },
      [1, 3, 1, 1.5, 1, 1.125, 1],
    ],
  ])('%j', (options, expected) => {
    const schedule = cyclic(options);
    expect([...expected.keys()].map(schedule)).toEqual(expected);
  });

  it('has the amplitude in its specification', () => {
    const amplitude = stepDecay({ initial: 1, factor: 0.5, stepSize: 1 });
    expect(cyclic({ ...base, stepSizeUp: 3, amplitude }).spec).toEqual({
      ...{ type: 'cyclic', minimum: 1, maximum: 5, stepSizeUp: 3, stepSizeDown: null, cycles: null },
      ...{ mode: 'triangular', gamma: 1, amplitudePer: 'cycle' },
      amplitude: { type: 'stepDecay', initial: 1, factor: 0.5, stepSize: 1 },
    });
  });

  it('is no more than a number can hold', () => {
    const amplitude = fromFunction(() => Number.MAX_VALUE);
    expect([0, 1, 2].map(cyclic({ ...base, stepSizeUp: 1, amplitude }))).toEqual([1, Number.MAX_VALUE, 1]);
  });

  it('is triangular without the options that triangular has not', () => {
    const given = fc.record({
      minimum: fc.double({ min: 0, max: 1, noNaN: true }),
      maximum: fc.double({ min: 1, max: 9, noNaN: true }),
      stepSize: fc.integer({ min: 1, max: 1_000 }),
      cycles: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(given, fc.integer({ min: -9, max: 20_000 }), ({ stepSize, ...options }, step) => {
        const schedule = cyclic({ ...options, stepSizeUp: stepSize });
        expect(schedule(step)).toBeCloseTo(triangular({ ...options, stepSize })(step), 12);
        expect(schedule(stepSize)).toBe(options.maximum);
        expect(schedule(2 * stepSize)).toBe(options.minimum);
      }),
    );
  });

  it('refuses what is out of range', () => {
    expect(() => cyclic({ minimum: 2, maximum: 1, stepSizeUp: 1 })).toThrow(
      new RangeError('cyclic: maximum must be at least minimum, 2, got 1'),
    );
    expect(() => cyclic({ ...base, stepSizeUp: 1, gamma: 2 })).toThrow('cyclic: gamma must be');
    expect(() => cyclic({ ...base, stepSizeUp: 1, amplitude: Math.sqrt as unknown as Schedule })).toThrow(
      TypeError,
    );
  });
});
