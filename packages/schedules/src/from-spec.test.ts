import { describe, expect, it } from 'vitest';
import { fromSpec, oneCycle, type OneCycleSpec, type ScheduleSpec } from './index.ts';

describe('fromSpec', () => {
  it('has the type of a schedule for what comes from JSON, which has none', () => {
    const saved = '{"type":"linear","from":0,"to":1,"steps":4}';
    // eslint-disable-next-line @typescript-eslint/no-unsafe-argument -- as users read it
    expect(fromSpec(JSON.parse(saved))(1)).toBe(0.25);
  });

  it('makes a one-cycle pair again, and each half on its own', () => {
    const pair = oneCycle({ totalSteps: 7, maxLearningRate: 0.3 });
    const copy = fromSpec(JSON.parse(JSON.stringify(pair.spec)) as OneCycleSpec);
    expect(copy.spec).toEqual(pair.spec);
    const at = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(at.map(copy.learningRate)).toEqual(at.map(pair.learningRate));
    expect(at.map(copy.momentum)).toEqual(at.map(pair.momentum));
    expect(at.map(fromSpec(pair.learningRate.spec))).toEqual(at.map(pair.learningRate));
    expect(at.map(fromSpec(pair.momentum.spec))).toEqual(at.map(pair.momentum));
  });

  it.each<[unknown, string]>([
    [{ type: 'spline' }, 'fromSpec: type must be one of '],
    [{ type: 'toString' }, 'got "toString"'],
    [{}, 'got undefined'],
    [
      { type: 'linear', from: 0, to: 1, steps: 4, stepz: 4 },
      'fromSpec: property of "linear" must be one of type, from, to, steps, got "stepz"',
    ],
    [{ type: 'linear', from: 0, to: 1 }, 'linear: steps must be an integer ≥ 1, got undefined'],
    [
      { type: 'scale', factor: 1, schedule: { type: 'sequence', parts: [{ schedule: { type: 'spline' } }] } },
      'fromSpec: schedule.parts[0].schedule: type must be one of ',
    ],
    [
      { type: 'scale', factor: 1, schedule: { type: 'linear', from: 0, to: 1, steps: 4, stepz: 4 } },
      'fromSpec: schedule: property of "linear" must be one of type, from, to, steps, got "stepz"',
    ],
    [
      { type: 'sequence', parts: [{ schedule: { type: 'constant', value: 1 }, stepz: 4 }] },
      'fromSpec: property of parts[0] must be one of schedule, steps, got "stepz"',
    ],
    [{ type: 'sequence', parts: {} }, 'fromSpec: parts must be a list, got [object Object]'],
    [{ type: 'piecewise' }, 'fromSpec: knots must be a list, got undefined'],
    [{ type: 'sequence', parts: null }, 'fromSpec: parts must be a list, got null'],
    [
      { type: 'sequence', parts: [{ schedule: { type: 'constant', value: 1 }, steps: 0 }] },
      'sequence: parts[0].steps must be an integer ≥ 1, got 0',
    ],
    [{ type: 'linear', from: null, to: 1, steps: 4 }, 'linear: from must be a finite number ≥ 0, got null'],
  ])('refuses %j', (spec, message) => {
    expect(() => fromSpec(spec as ScheduleSpec)).toThrow(RangeError);
    expect(() => fromSpec(spec as ScheduleSpec)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [{ type: 'scale', factor: 1 }, 'fromSpec: schedule: spec must be an object, got undefined'],
    [{ type: 'sequence', parts: [null] }, 'fromSpec: parts[0] must be an object, got null'],
    [
      { type: 'sequence', parts: [{ schedule: 3 }] },
      'fromSpec: parts[0].schedule: spec must be an object, got 3',
    ],
  ])('refuses %j, where an object is missing', (spec, message) => {
    expect(() => fromSpec(spec as ScheduleSpec)).toThrow(new TypeError(message));
  });

  it('reads schedules that are 100 deep, and refuses those that are deeper', () => {
    const nested = (depth: number): ScheduleSpec => {
      let spec: ScheduleSpec = { type: 'constant', value: 1 };
      for (let level = 0; level < depth; level++) spec = { type: 'shift', schedule: spec, steps: 1 };
      return spec;
    };
    expect(fromSpec(nested(100))(7)).toBe(1);
    expect(() => fromSpec(nested(101))).toThrow('depth must be at most 100 schedules in schedules, got 101');
    expect(() => fromSpec(nested(100_000))).toThrow(RangeError);
  });

  it.each([null, undefined, 'linear', 3])('refuses %s, which is no object', (spec) => {
    expect(() => fromSpec(spec as unknown as ScheduleSpec)).toThrow(TypeError);
  });
});
