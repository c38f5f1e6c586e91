import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allSpecs } from './all-specs.ts';
import { fromSpec, type ScheduleSpec } from './index.ts';
import { arbitraryOfEveryType } from './testing/arbitrary-all.ts';

const anyStep = fc.oneof(
  fc.integer({ min: -10, max: 50_000 }),
  fc.double({ min: 0, max: 50_000, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-1e9, 1e9, -Number.MAX_VALUE, Number.MAX_VALUE),
);

describe.each(Object.entries(arbitraryOfEveryType))('%s', (type, arbitrary) => {
  it('is finite and never negative at any finite step', () => {
    fc.assert(
      fc.property(arbitrary, anyStep, (schedule, step) => {
        const value = schedule(step);
        const sound = Number.isFinite(value) && value >= 0 && !Object.is(value, -0);
        expect(sound, JSON.stringify({ value, step, spec: schedule.spec })).toBe(true);
      }),
    );
  });

  // What is shifted to the left has begun before.
  if (type !== 'shift')
    it('holds its first value before step 0', () => {
      fc.assert(
        fc.property(
          arbitrary,
          fc.double({ max: 0, noNaN: true, noDefaultInfinity: true }),
          (schedule, step) => {
            expect(schedule(step)).toBe(schedule(0));
            expect(schedule(-1e9)).toBe(schedule(0));
          },
        ),
      );
    });

  it('is written and read as JSON, and its specification is frozen', () => {
    fc.assert(
      fc.property(arbitrary, fc.array(anyStep), (schedule, at) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec, allSpecs);
        expect(schedule.spec.type).toBe(type);
        expect(Object.isFrozen(schedule.spec)).toBe(true);
        expect(copy.spec).toEqual(schedule.spec);
        expect(at.map(copy)).toEqual(at.map(schedule));
      }),
    );
  });

  it('refuses a step that is not a finite number', () => {
    fc.assert(
      fc.property(arbitrary, fc.constantFrom(NaN, Infinity, -Infinity), (schedule, step) => {
        expect(() => schedule(step)).toThrow(RangeError);
      }),
    );
  });
});
