import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clamp,
  constant,
  extendTo,
  fromFunction,
  fromSpec,
  linear,
  map,
  oneCycle,
  perEpoch,
  repeat,
  scale,
  sequence,
  shift,
  stretch,
  triangular,
  type Schedule,
  type ScheduleSpec,
} from '../index.ts';
import { arbitraryCombinators, arbitraryNested } from '../testing/arbitrary-combinators.ts';
import { arbitrarySchedules } from '../testing/arbitrary-schedules.ts';

/** 0, 1, 2, 3, 4 and then 4. */
const rise = linear({ from: 0, to: 4, steps: 4 });
/** 4, 3, 2, 1, 0 and then 0. */
const fall = linear({ from: 4, to: 0, steps: 4 });
const far = [-Number.MAX_VALUE, -1e9, 1e9, Number.MAX_VALUE];

describe('sequence', () => {
  it('begins each part at its own step 0, the next one at the boundary', () => {
    const schedule = sequence([
      { schedule: rise, steps: 2 },
      { schedule: constant({ value: 7 }), steps: 1 },
      { schedule: fall },
    ]);
    // rise(0), rise(1); 7; fall(0), fall(1) …, and fall's last value for ever
    expect([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8].map(schedule)).toEqual([0, 0, 1, 7, 4, 3, 2, 1, 0, 0]);
    expect([1.5, 1.75, 2, 2.5, 3.5].map(schedule)).toEqual([1.5, 1.75, 7, 7, 3.5]);
    expect(far.map(schedule)).toEqual([0, 0, 0, 0]);
  });

  it('holds the value at the end of a last part with steps', () => {
    const schedule = sequence([
      { schedule: fall, steps: 1 },
      { schedule: rise, steps: 2 },
    ]);
    expect([0, 1, 2, 3, 4, 1e9].map(schedule)).toEqual([4, 0, 1, 2, 2, 2]);
    expect([-3, 0, 1, 2].map(sequence([{ schedule: rise, steps: 1 }]))).toEqual([0, 0, 1, 1]);
  });

  it('does not begin before its first part does', () => {
    expect([-2, 0, 1].map(sequence([{ schedule: shift(rise, -2) }]))).toEqual([2, 2, 3]);
  });

  it('is not changed by a change of its parts', () => {
    const parts = [{ schedule: rise }];
    const schedule = sequence(parts);
    parts[0] = { schedule: fall };
    expect(schedule(0)).toBe(0);
  });

  it.each([
    [[], 'sequence: parts must be a list of one or more, got '],
    [
      [{ schedule: rise }, { schedule: fall }],
      'sequence: parts[0].steps must be an integer ≥ 1, got undefined',
    ],
    [[{ schedule: rise, steps: 0 }], 'sequence: parts[0].steps must be an integer ≥ 1, got 0'],
  ])('refuses %j', (parts, message) => {
    expect(() => sequence(parts)).toThrow(new RangeError(message));
  });
});

describe('scale', () => {
  it('multiplies', () => {
    expect([-1, 0, 1, 2, 3, 4, 5].map(scale(rise, 2.5))).toEqual([0, 0, 2.5, 5, 7.5, 10, 10]);
    expect([0, 4].map(scale(rise, -0))).toEqual([0, 0]);
  });

  it('refuses a factor out of range, and ends at the largest number', () => {
    expect(() => scale(rise, -1)).toThrow(
      new RangeError('scale: factor must be a finite number ≥ 0, got -1'),
    );
    expect(scale(constant({ value: 1e300 }), 1e300)(3)).toBe(Number.MAX_VALUE);
  });
});

describe('clamp', () => {
  it('keeps values between the bounds, both reached', () => {
    expect([0, 1, 2, 3, 4].map(clamp(rise, { minimum: 1, maximum: 2.5 }))).toEqual([1, 1, 2, 2.5, 2.5]);
    expect([0, 2, 4].map(clamp(rise, { maximum: 3 }))).toEqual([0, 2, 3]);
    expect([0, 2, 4].map(clamp(rise, { minimum: 3 }))).toEqual([3, 3, 4]);
    expect(clamp(rise, { minimum: 3 }).spec).toEqual({ type: 'clamp', schedule: rise.spec, minimum: 3 });
  });

  it.each([
    [{ minimum: -1 }, 'clamp: minimum must be a finite number ≥ 0, got -1'],
    [{ minimum: 2, maximum: 1 }, 'clamp: maximum must be a finite number ≥ 2, got 1'],
    [{ maximum: null as unknown as number }, 'clamp: maximum must be a finite number ≥ 0, got null'],
    [{ maximum: Infinity }, 'clamp: maximum must be a finite number ≥ 0, got Infinity'],
  ])('refuses %j', (options, message) => {
    expect(() => clamp(rise, options)).toThrow(new RangeError(message));
  });
});

describe('shift', () => {
  it('is later, or earlier', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(shift(rise, 2))).toEqual([0, 0, 0, 1, 2, 3, 4, 4]);
    expect([-3, -2, -1, 0, 1, 2, 3].map(shift(rise, -2))).toEqual([0, 0, 1, 2, 3, 4, 4]);
    expect(shift(rise, 0.5)(1)).toBe(0.5);
    expect(far.map(shift(rise, -Number.MAX_SAFE_INTEGER))).toEqual([0, 4, 4, 4]);
  });

  it('refuses steps that no number can count', () => {
    expect(() => shift(rise, NaN)).toThrow('shift: steps must be a finite number from -9');
    expect(() => shift(rise, 2 ** 53)).toThrow(RangeError);
  });
});

describe('stretch', () => {
  it('takes a multiple of the steps', () => {
    expect([-1, 0, 1, 2, 4, 8, 9].map(stretch(rise, 2))).toEqual([0, 0, 0.5, 1, 2, 4, 4]);
    expect([0, 1, 2, 3].map(stretch(rise, 0.5))).toEqual([0, 2, 4, 4]);
  });

  it('holds its ends where the quotient overflows', () => {
    expect(far.map(stretch(rise, 1e-300))).toEqual([0, 0, 4, 4]);
    expect(far.map(stretch(rise, 1e300))).toEqual([0, 0, 1e-291, 4]);
  });

  it('refuses a factor out of range', () => {
    const message = 'stretch: factor must be a finite number > 0, got 0';
    expect(() => stretch(rise, 0)).toThrow(new RangeError(message));
  });
});

describe('perEpoch', () => {
  it('changes once an epoch', () => {
    expect([-1, 0, 1, 2, 2.5, 3, 5, 6, 11, 12, 99].map(perEpoch(rise, 3))).toEqual([
      0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 4,
    ]);
  });

  it('refuses an epoch without whole steps', () => {
    const message = 'perEpoch: stepsPerEpoch must be an integer ≥ 1, got 0.5';
    expect(() => perEpoch(rise, 0.5)).toThrow(new RangeError(message));
  });
});

describe('repeat', () => {
  it('begins again after each period, for ever', () => {
    expect([-1, 0, 1, 2, 3, 4, 5, 6].map(repeat(rise, { period: 3 }))).toEqual([0, 0, 1, 2, 0, 1, 2, 0]);
    expect(repeat(rise, { period: 1 })(1e15)).toBe(0);
  });

  it('holds the value at the end of the period after the last time', () => {
    // two times 0, 1, 2; then rise(3)
    expect([0, 1, 2, 3, 4, 5, 5.5, 6, 7, 1e9].map(repeat(rise, { period: 3, times: 2 }))).toEqual([
      0, 1, 2, 0, 1, 2, 2.5, 3, 3, 3,
    ]);
  });

  it.each([
    [{ period: 0 }, 'repeat: period must be an integer ≥ 1, got 0'],
    [{ period: 2, times: 1.5 }, 'repeat: times must be an integer ≥ 1, got 1.5'],
  ])('refuses %j', (options, message) => {
    expect(() => repeat(rise, options)).toThrow(new RangeError(message));
  });
});

describe('extendTo', () => {
  it('stretches what is left over what is left now', () => {
    // planned 4 3 2 1 | 0; prolonged at 2 from 4 to 6: 2 steps of schedule over 4, half a step each
    const schedule = extendTo(fall, { totalSteps: 4, newTotalSteps: 6, step: 2 });
    expect([-1, 0, 1, 2, 3, 4, 5, 6, 7, 1e9].map(schedule)).toEqual([4, 4, 3, 2, 1.5, 1, 0.5, 0, 0, 0]);
  });

  it('can begin at step 0, and make a run shorter', () => {
    const at = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const doubled = extendTo(fall, { totalSteps: 4, newTotalSteps: 8, step: 0 });
    expect(at.map(doubled)).toEqual(at.map(stretch(fall, 2)));
    // from step 1, the three steps left in two: 3, then 1.5, then 0
    const shorter = extendTo(fall, { totalSteps: 4, newTotalSteps: 3, step: 1 });
    expect([0, 1, 2, 3, 4].map(shorter)).toEqual([4, 3, 1.5, 0, 0]);
    const atOnce = extendTo(fall, { totalSteps: 4, newTotalSteps: 2, step: 1 });
    expect([0, 1, 2].map(atOnce)).toEqual([4, 3, 0]);
  });

  it('can be applied again', () => {
    // the run of 6 above is prolonged at 4, where 1 is left, to 8: a quarter a step
    const once = extendTo(fall, { totalSteps: 4, newTotalSteps: 6, step: 2 });
    const twice = extendTo(once, { totalSteps: 6, newTotalSteps: 8, step: 4 });
    expect([2, 3, 4, 5, 6, 7, 8, 9].map(twice)).toEqual([2, 1.5, 1, 0.75, 0.5, 0.25, 0, 0]);
  });

  it('ends a schedule that would go on', () => {
    const cyclic = triangular({ minimum: 0, maximum: 2, stepSize: 2 });
    const schedule = extendTo(cyclic, { totalSteps: 6, newTotalSteps: 8, step: 4 });
    expect([4, 5, 6, 7, 8, 9, 10].map(schedule)).toEqual([0, 0.5, 1, 1.5, 2, 2, 2]);
  });

  it('keeps both ends exact and has no jump at the step', () => {
    const sizes = fc.record({
      step: fc.nat(1_000_000),
      left: fc.integer({ min: 1, max: 1_000_000 }),
      newLeft: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), ({ step, left, newLeft }, part) => {
        const options = { totalSteps: step + left, newTotalSteps: step + newLeft, step };
        const planned = linear({ from: 1, to: 0, steps: options.totalSteps });
        const schedule = extendTo(planned, options);
        expect(schedule(step * part)).toBe(planned(step * part));
        expect(schedule(options.newTotalSteps)).toBe(0);
        const after = schedule(step + 1e-6);
        expect(planned(step) - after).toBeLessThanOrEqual(
          (1.001e-6 * left) / newLeft / options.totalSteps + 1e-12,
        );
        expect(after).toBeLessThanOrEqual(planned(step));
      }),
    );
  });

  it.each([
    [{ totalSteps: 0 }, 'extendTo: totalSteps must be an integer ≥ 1, got 0'],
    [{ step: 4 }, 'extendTo: step must be an integer ≥ 0 and less than totalSteps, 4, got 4'],
    [{ step: -1 }, 'extendTo: step must be an integer ≥ 0 and less than totalSteps, 4, got -1'],
    [{ newTotalSteps: 2 }, 'extendTo: newTotalSteps must be greater than step, 2, got 2'],
  ])('refuses %j', (wrong, message) => {
    const options = { totalSteps: 4, newTotalSteps: 6, step: 2, ...wrong };
    expect(() => extendTo(fall, options)).toThrow(new RangeError(message));
  });
});

describe('map and fromFunction', () => {
  it('take a function of the user', () => {
    expect([0, 1, 4].map(map(rise, Math.sqrt))).toEqual([0, 1, 2]);
    expect([0, 1, 4].map(fromFunction((step) => step / 2))).toEqual([0, 0.5, 2]);
    expect(fromFunction(() => -0)(1)).toBe(0);
  });

  it.each([NaN, -1, Infinity])('refuse the value %s when it comes to it', (value) => {
    const message = `value at step 3 must be a finite number ≥ 0, got ${value}`;
    expect(() => fromFunction(() => value)(3)).toThrow(new RangeError(`fromFunction: ${message}`));
    expect(() => map(rise, () => value)(3)).toThrow(new RangeError(`map: ${message}`));
  });

  it('refuse what is no function', () => {
    const nothing = undefined as unknown as () => number;
    expect(() => fromFunction(nothing)).toThrow(
      new TypeError('fromFunction needs a function, got undefined'),
    );
    expect(() => map(rise, nothing)).toThrow(new TypeError('map needs a function, got undefined'));
  });

  it('have no specification, not inside of others either, and say so when it is read', () => {
    const own = scale(sequence([{ schedule: map(rise, Math.sqrt) }]), 2);
    expect(own(4)).toBe(4);
    expect(() => own.spec).toThrow(TypeError);
    expect(() => own.spec).toThrow('map: spec: JSON has no functions; make the schedule of scale, clamp,');
    expect(() => fromFunction(() => 1).spec).toThrow('fromFunction: spec: JSON has no functions');
  });
});

describe('every combinator', () => {
  const combine: [string, (schedule: Schedule) => Schedule][] = [
    ['sequence: parts[0].schedule', (schedule) => sequence([{ schedule }])],
    ['scale: schedule', (schedule) => scale(schedule, 1)],
    ['clamp: schedule', (schedule) => clamp(schedule, {})],
    ['shift: schedule', (schedule) => shift(schedule, 1)],
    ['stretch: schedule', (schedule) => stretch(schedule, 1)],
    ['perEpoch: schedule', (schedule) => perEpoch(schedule, 1)],
    ['repeat: schedule', (schedule) => repeat(schedule, { period: 1 })],
    ['map: schedule', (schedule) => map(schedule, Math.sqrt)],
    ['extendTo: schedule', (schedule) => extendTo(schedule, { totalSteps: 1, newTotalSteps: 2, step: 0 })],
  ];

  it.each(combine)('%s refuses what is no schedule', (name, make) => {
    expect(() => make(((step: number) => step) as Schedule)).toThrow(
      new TypeError(`${name} must be a schedule, got a bare function: wrap it with fromFunction`),
    );
    expect(() => make(0.1 as unknown as Schedule)).toThrow(
      new TypeError(`${name} must be a schedule, got 0.1`),
    );
    const pair = oneCycle({ totalSteps: 9, maxLearningRate: 1 });
    expect(() => make(pair as unknown as Schedule)).toThrow(TypeError);
    expect(make(pair.learningRate)(0)).toBeGreaterThanOrEqual(0);
  });
});

const plain = fc.oneof(...Object.values(arbitrarySchedules));
const anyStep = fc.oneof(
  fc.integer({ min: -10, max: 50_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(...far),
);

describe('combinators of combinators', () => {
  it.each(Object.entries(arbitraryCombinators))('%s is written and read as JSON', (type, combinator) => {
    fc.assert(
      fc.property(combinator(plain), fc.array(anyStep), (schedule, at) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec);
        expect(schedule.spec.type).toBe(type);
        expect(copy.spec).toEqual(schedule.spec);
        expect(at.map(copy)).toEqual(at.map(schedule));
      }),
    );
  });

  it('are read and written as JSON, however they are nested', () => {
    fc.assert(
      fc.property(arbitraryNested(plain), fc.array(anyStep), (schedule, at) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec);
        expect(copy.spec).toEqual(schedule.spec);
        expect(at.map(copy)).toEqual(at.map(schedule));
      }),
    );
  });

  it('are finite and never negative at any finite step', () => {
    fc.assert(
      fc.property(arbitraryNested(plain), anyStep, (schedule, at) => {
        const result = schedule(at);
        expect(Number.isFinite(result) && result >= 0 && !Object.is(result, -0)).toBe(true);
        expect(() => schedule(NaN)).toThrow(RangeError);
      }),
    );
  });

  it('stay within the bounds of what they are made of', () => {
    const bounded = fc.double({ min: 2, max: 3, noNaN: true });
    const steps = fc.integer({ min: 1, max: 10_000 });
    const inner = fc.record({ from: bounded, to: bounded, steps }).map(linear);
    const keeping = Object.entries(arbitraryCombinators)
      .filter(([type]) => type !== 'scale' && type !== 'clamp')
      .map(([, combinator]) => combinator);
    const nested = fc.oneof(...keeping.flatMap((outer) => keeping.map((between) => outer(between(inner)))));
    fc.assert(
      fc.property(nested, anyStep, (schedule, at) => {
        expect(schedule(at)).toBeGreaterThanOrEqual(2);
        expect(schedule(at)).toBeLessThanOrEqual(3);
      }),
    );
  });
});
