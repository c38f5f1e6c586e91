import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allSpecs } from './all-specs.ts';
import { fromSpec, oneCycle, type ScheduleSpec } from './index.ts';
import { scheduleSchema } from './schema.ts';
import { arbitraryNesting, arbitraryOfEveryType } from './testing/arbitrary-all.ts';

const validate = new Ajv2020({ strict: true }).compile(scheduleSchema);

const inJson = (spec: object): unknown => JSON.parse(JSON.stringify(spec));

const all = { ...arbitraryOfEveryType, 'combinators of combinators': arbitraryNesting };

it.each(Object.entries(all))('has %s', (_, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (schedule) => {
      expect(validate(inJson(schedule.spec)), JSON.stringify(schedule.spec)).toBe(true);
    }),
  );
});

it('is tested with every type', () => {
  expect(Object.keys(allSpecs).filter((type) => !(type in all))).toEqual(['oneCycle']);
});

it('has the pair of oneCycle, with its defaults or without, at the top only', () => {
  const options = { totalSteps: 7, maxLearningRate: 0.3 };
  expect(validate(inJson(oneCycle(options).spec))).toBe(true);
  expect(validate({ type: 'oneCycle', ...options })).toBe(true);
  const inside = { type: 'scale', factor: 2, schedule: { type: 'oneCycle', ...options } };
  expect(validate(inside)).toBe(false);
  expect(() => fromSpec(inside as unknown as ScheduleSpec)).toThrow(
    'fromSpec: schedule: type must be one of',
  );
});

const rise = { type: 'linear', from: 0, to: 1, steps: 4 };

it.each<[string, unknown]>([
  ['no object', null],
  ['a list', []],
  ['no type', {}],
  ['a type in other letters', { ...rise, type: 'Linear' }],
  ['a misspelt property', { ...rise, stepz: 4 }],
  ['a missing property', { type: 'linear', from: 0, to: 1 }],
  ['a negative value', { ...rise, from: -1 }],
  ['a fraction of a step', { ...rise, steps: 1.5 }],
  ['a string for a number', { ...rise, steps: '4' }],
  ['null for a number', { ...rise, from: null }],
  [
    'an unknown interpolation',
    { type: 'piecewise', knots: [{ step: 0, value: 1 }], interpolation: 'spline' },
  ],
  ['no knot', { type: 'piecewise', knots: [] }],
  ['a misspelt property in a list', { type: 'piecewise', knots: [{ step: 0, value: 1, valeu: 2 }] }],
  ['no list', { type: 'sequence', parts: rise }],
  ['no schedule inside', { type: 'scale', factor: 2 }],
  ['a wrong schedule inside', { type: 'scale', factor: 2, schedule: { ...rise, stepz: 4 } }],
  ['a wrong part', { type: 'sequence', parts: [{ schedule: rise, stepz: 4 }] }],
  ['a negative factor', { type: 'scale', factor: -2, schedule: rise }],
  ['null for no maximum', { type: 'clamp', schedule: rise, maximum: null }],
])('refuses %s, as fromSpec does', (_, spec) => {
  expect(validate(spec)).toBe(false);
  expect(() => fromSpec(spec as ScheduleSpec)).toThrow(/^(fromSpec|linear|piecewise|scale|clamp): /);
});

it('is plain JSON', () => {
  expect(inJson(scheduleSchema)).toEqual(scheduleSchema);
});

it('may leave out what has a default', () => {
  const spec = { type: 'piecewise', knots: [{ step: 0, value: 1 }] };
  expect(validate(spec)).toBe(true);
  expect(fromSpec(spec as unknown as ScheduleSpec)(3)).toBe(1);
});
