import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecewise, type Interpolation } from './index.ts';

const table = (interpolation: Interpolation, steps: number[]): number[] => {
  const knots = [
    { step: 2, value: 8 },
    { step: 6, value: 2 },
    { step: 8, value: 2 },
    { step: 10, value: 4 },
  ];
  return steps.map(piecewise({ knots, interpolation }));
};

describe('piecewise', () => {
  it('interpolates linearly', () => {
    // 8 − 6·p with p = 0, ¼, ½, ¾; flat; then 2 + 2·p with p = 0, ½, 1; the first and last value outside
    expect(table('linear', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).toEqual([
      8, 8, 8, 6.5, 5, 3.5, 2, 2, 2, 3, 4, 4,
    ]);
  });

  it('interpolates along half a cosine', () => {
    // 2 + 6·(1 + cos πp)/2: p = ¼ gives 2 + 3·(1 + √½) = 7.12132…, ½ gives 5, ¾ gives 2 + 3·(1 − √½) = 2.87868…
    const values = table('cosine', [2, 3, 4, 5, 6, 9]);
    const expected = [8, 2 + 3 * (1 + Math.SQRT1_2), 5, 2 + 3 * (1 - Math.SQRT1_2), 2, 3];
    values.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? NaN, 14);
    });
  });

  it('interpolates exponentially', () => {
    // 8·(¼)^p: p = ½ gives 4; 2·2^p: p = ½ gives 2√2
    const values = table('exponential', [2, 4, 6, 7, 9]);
    const expected = [8, 4, 2, 2, 2 * Math.SQRT2];
    values.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? NaN, 14);
    });
  });

  it('holds each value until the next knot with step interpolation', () => {
    expect(table('step', [1, 2, 5, 6, 7, 8, 9, 10, 11])).toEqual([8, 8, 8, 2, 2, 2, 2, 4, 4]);
  });

  it('is linear unless told otherwise, and takes a single knot', () => {
    expect(
      piecewise({
        knots: [
          { step: 0, value: 0 },
          { step: 2, value: 1 },
        ],
      })(1),
    ).toBe(0.5);
    expect([-5, 7, 99].map(piecewise({ knots: [{ step: 7, value: 3 }] }))).toEqual([3, 3, 3]);
  });

  it('survives values whose quotient overflows', () => {
    const schedule = piecewise({
      knots: [
        { step: 0, value: 1e-300 },
        { step: 2, value: 1e300 },
      ],
      interpolation: 'exponential',
    });
    expect(schedule(1)).toBeCloseTo(1, 12);
  });

  it('is exact at a knot far smaller than its neighbour', () => {
    const knots = [
      { step: 0, value: 1e-300 },
      { step: 4, value: 1 },
    ];
    // 1 + (1e-300 − 1)·(1 + cos 0)/2 would be 0
    expect(piecewise({ knots, interpolation: 'cosine' })(0)).toBe(1e-300);
  });

  it('does not change when its options do', () => {
    const knots = [{ step: 0, value: 1 }];
    const schedule = piecewise({ knots });
    knots[0] = { step: 0, value: 2 };
    expect(schedule(0)).toBe(1);
    expect(Object.isFrozen(schedule.spec)).toBe(true);
  });

  it.each([
    [{ knots: [] }, 'knots must be a list of one or more, got '],
    [{ knots: [{ step: 0, value: -1 }] }, 'piecewise: knots[0].value must be a finite number ≥ 0, got -1'],
    [{ knots: [{ step: 0, value: NaN }] }, 'piecewise: knots[0].value must be a finite number ≥ 0, got NaN'],
    [{ knots: [{ step: Infinity, value: 1 }] }, 'piecewise: knots[0].step must be a finite number from -9'],
    [
      {
        knots: [
          { step: 3, value: 1 },
          { step: 3, value: 2 },
        ],
      },
      'piecewise: knots[1].step must be greater than the step before it, 3, got 3',
    ],
    [
      { knots: [{ step: 0, value: 0 }], interpolation: 'exponential' as const },
      'piecewise: knots[0].value must be > 0 for exponential interpolation, got 0',
    ],
    [
      { knots: [{ step: 0, value: 0 }], interpolation: 'spline' as Interpolation },
      'piecewise: interpolation must be one of linear, cosine, exponential, step, got "spline"',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => piecewise(options)).toThrow(RangeError);
    expect(() => piecewise(options)).toThrow(message);
  });

  it('refuses a step that is not a finite number', () => {
    const schedule = piecewise({ knots: [{ step: 0, value: 1 }] });
    expect(() => schedule(NaN)).toThrow(new RangeError('step must be a finite number, got NaN'));
    expect(() => schedule(Infinity)).toThrow(RangeError);
  });
});

describe('piecewise properties', () => {
  const interpolation = fc.constantFrom<Interpolation>('linear', 'cosine', 'exponential', 'step');
  const knots = fc.uniqueArray(
    fc.record({
      step: fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), // distances between them are exact
      value: fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
    }),
    { selector: (knot) => knot.step, minLength: 1, maxLength: 12 },
  );
  const options = fc.record({
    knots: knots.map((list) => list.sort((a, b) => a.step - b.step)),
    interpolation,
  });

  it('goes through every knot exactly and never leaves the two neighbours', () => {
    fc.assert(
      fc.property(options, fc.double({ min: 0, max: 1, noNaN: true }), (given, where) => {
        const schedule = piecewise(given);
        given.knots.forEach((left, index) => {
          const right = given.knots[index + 1] ?? left;
          expect(schedule(left.step)).toBe(left.value);
          const value = schedule(left.step + Math.floor(where * (right.step - left.step)));
          expect(value).toBeGreaterThanOrEqual(Math.min(left.value, right.value));
          expect(value).toBeLessThanOrEqual(Math.max(left.value, right.value));
        });
      }),
    );
  });

  it('holds its ends, however far outside', () => {
    fc.assert(
      fc.property(options, fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (given, distance) => {
        const schedule = piecewise(given);
        const [first, last] = [given.knots[0], given.knots.at(-1)];
        if (first === undefined || last === undefined) throw new Error('at least one knot was asked for');
        expect(schedule(Math.max(first.step - distance, -Number.MAX_VALUE))).toBe(first.value);
        expect(schedule(Math.min(last.step + distance, Number.MAX_VALUE))).toBe(last.value);
      }),
    );
  });
});
