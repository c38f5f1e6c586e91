import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSpec } from '../index.ts';
import { caffeSpecs } from './specs.ts';
import { arbitraryCaffe } from '../testing/arbitrary-caffe.ts';
import {
  exp,
  expRange,
  fixed,
  fromSolver,
  inv,
  multistep,
  oneCycle,
  poly,
  sigmoid,
  step,
  triangular,
  triangular2,
  type CaffeSchedules,
} from './index.ts';

/** `iteration: rate`, as the formulas give it by hand. */
const tables: Record<string, { made: CaffeSchedules; rates: Record<number, number> }> = {
  fixed: { made: fixed({ baseLr: 0.35 }), rates: { 0: 0.35, 1000: 0.35 } },
  step: {
    made: step({ baseLr: 1, gamma: 0.5, stepSize: 3 }),
    rates: { 0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25 },
  },
  exp: { made: exp({ baseLr: 2, gamma: 0.5 }), rates: { 0: 2, 1: 1, 2: 0.5, 10: 2 ** -9 } },
  // (1 + 0.5·t)^−2: 1, 1/1.5², 1/2², 1/6²
  inv: {
    made: inv({ baseLr: 1, gamma: 0.5, power: 2 }),
    rates: { 0: 1, 1: 1 / 2.25, 2: 1 / 4, 10: 1 / 36 },
  },
  multistep: {
    made: multistep({ baseLr: 1, gamma: 0.5, stepValue: [2, 3] }),
    rates: { 0: 1, 1: 1, 2: 0.5, 3: 0.25, 10: 0.25 },
  },
  // the third drop waits for the second one, and comes an iteration after it; the fourth an iteration later still
  'multistep out of order': {
    made: multistep({ baseLr: 1, gamma: 0.5, stepValue: [2, 6, 4, 6] }),
    rates: { 1: 1, 2: 0.5, 5: 0.5, 6: 0.25, 7: 0.125, 8: 0.0625, 9: 0.0625 },
  },
  'multistep without drops': {
    made: multistep({ baseLr: 1, gamma: 0.5, stepValue: [] }),
    rates: { 0: 1, 9: 1 },
  },
  // (1 − t/4)²
  poly: {
    made: poly({ baseLr: 1, power: 2, maxIter: 4 }),
    rates: { 0: 1, 1: 0.5625, 2: 0.25, 4: 0, 5: 0 },
  },
  'poly of power 0': { made: poly({ baseLr: 1, power: 0, maxIter: 1 }), rates: { 0: 1, 1: 1, 2: 1 } },
  // e^(ln 3) = 3 one iteration after the middle, 1/3 one before it
  sigmoid: {
    made: sigmoid({ baseLr: 1, gamma: -Math.log(3), stepSize: 2 }),
    rates: { 1: 0.75, 2: 0.5, 3: 0.25 },
  },
  triangular: {
    made: triangular({ baseLr: 1, maxLr: 3, stepSize: 2 }),
    rates: { 0: 1, 1: 2, 2: 3, 3: 2, 4: 1, 6: 3, 10: 3 },
  },
  'triangular with the shortest cycle': {
    made: triangular({ baseLr: 1, maxLr: 3, stepSize: 1 }),
    rates: { 0: 1, 1: 3, 2: 1, 3: 3 },
  },
  triangular2: {
    made: triangular2({ baseLr: 1, maxLr: 3, stepSize: 2 }),
    rates: { 0: 1, 2: 3, 4: 1, 5: 1.5, 6: 2, 8: 1, 10: 1.5 },
  },
  // height·½^t: 0, ½·½, 1·¼, ½·⅛, 0, then 1·1/64 at 6
  expRange: {
    made: expRange({ baseLr: 0, maxLr: 1, stepSize: 2, gamma: 0.5 }),
    rates: { 0: 0, 1: 0.25, 2: 0.25, 3: 0.0625, 4: 0, 6: 1 / 64 },
  },
  // up by 1 to 4, down by 4/3 to 0, where the tail begins
  oneCycle: {
    made: oneCycle({ baseLr: 1, maxLr: 4, stepSize: 3 }),
    rates: { 0: 1, 1: 2, 3: 4, 4: 8 / 3, 5: 4 / 3, 6: 0.001, 1000: 0.001 },
  },
};

describe.each(Object.entries(tables))('%s', (_name, { made, rates }) => {
  it('has the rates of the formula', () => {
    for (const [iteration, rate] of Object.entries(rates)) {
      expect(made.learningRate(Number(iteration))).toBeCloseTo(rate, 14);
    }
  });
});

describe.each(Object.entries(arbitraryCaffe))('%s', (type, schedules) => {
  it('holds its first value before the run, is never negative or NaN, and comes back from JSON', () => {
    fc.assert(
      fc.property(schedules, fc.double({ min: -1e9, max: 1e9, noNaN: true }), (schedule, at) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as typeof schedule.spec, caffeSpecs);
        const value = schedule(at);
        expect(copy.spec).toEqual(schedule.spec);
        expect(copy.spec.type).toBe(type);
        expect(copy(at)).toBe(value);
        expect(value >= 0 && Number.isFinite(value)).toBe(true);
        if (at < 0) expect(value).toBe(schedule(0));
      }),
    );
  });
});

describe('corners', () => {
  it('are exact', () => {
    const rate = fc.double({ min: 0, max: 10, noNaN: true });
    const stepSize = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(rate, rate, stepSize, fc.nat(1e4), (baseLr, maxLr, half, cycles) => {
        const options = { baseLr, maxLr, stepSize: half };
        const [cycle, once] = [triangular(options).learningRate, oneCycle(options).learningRate];
        expect([cycle(2 * half * cycles), cycle(half * (2 * cycles + 1))]).toEqual([baseLr, maxLr]);
        expect([once(0), once(half), once(2 * half)]).toEqual([baseLr, maxLr, baseLr / 1000]);
      }),
    );
  });

  it('stay finite where a rising rate leaves the range of numbers', () => {
    expect(exp({ baseLr: 1, gamma: 2 }).learningRate(1e9)).toBe(Number.MAX_VALUE);
  });
});

describe('momentum', () => {
  const rate = { baseLr: 1, maxLr: 4, stepSize: 2 };

  it('is there where it is given, for every policy', () => {
    expect(oneCycle(rate).momentum).toBeUndefined();
    const { momentum } = fixed({ baseLr: 1, momentum: 0.9 });
    expect([-1, 0, 1e9].map((at) => momentum?.(at))).toEqual([0.9, 0.9, 0.9]);
  });

  it('dips to its minimum, then half as deep, and half of that', () => {
    const { momentum } = oneCycle({ ...rate, momentum: 1, cyclicalMomentum: [0.5, 2] });
    // depth ½, ¼ and ⅛ after 2, 6 and 10 iterations
    const expected = [1, 0.75, 0.5, 0.75, 1, 0.875, 0.75, 0.875, 1, 0.9375, 0.875, 0.9375, 1];
    expect(expected.map((_, at) => momentum?.(at))).toEqual(expected);
  });

  it('has a step size of its own, and comes back from JSON', () => {
    const { momentum } = fixed({ baseLr: 1, momentum: 1, cyclicalMomentum: [0.5, 4] });
    expect(momentum?.(4)).toBe(0.5);
    if (!momentum) throw new Error('there is one');
    expect(momentum.spec).toEqual({
      type: 'caffe.fixed',
      baseLr: 1,
      momentum: 1,
      cyclicalMomentum: [0.5, 4],
      of: 'momentum',
    });
    expect(fromSpec(JSON.parse(JSON.stringify(momentum.spec)) as typeof momentum.spec, caffeSpecs)(4)).toBe(
      0.5,
    );
    expect(() => fromSpec({ type: 'caffe.fixed', baseLr: 1, of: 'momentum' }, caffeSpecs)).toThrow(
      /fromSpec: of must be/,
    );
  });
});

describe('wrong options', () => {
  const rate = { baseLr: 1, maxLr: 4, stepSize: 2 };

  it.each<[() => unknown, string]>([
    [() => fixed({ baseLr: -1 }), 'fixed: baseLr must be a finite number ≥ 0, got -1'],
    [() => step({ baseLr: 1, gamma: 0.1, stepSize: 0 }), 'step: stepSize must be an integer ≥ 1, got 0'],
    [() => exp({ baseLr: -1, gamma: 2 }), 'exp: baseLr must be a finite number ≥ 0, got -1'],
    [() => inv({ baseLr: 1, gamma: NaN, power: 1 }), 'inv: gamma must be a finite number ≥ 0, got NaN'],
    [
      () => multistep({ baseLr: 1, gamma: 0.1, stepValue: [5, -1] }),
      'multistep: stepValue[1] must be an integer ≥ 0, got -1',
    ],
    [() => expRange({ ...rate, gamma: 1.1 }), 'expRange: gamma must be a finite number ≥ 0 and ≤ 1, got 1.1'],
    [
      () => oneCycle({ ...rate, momentum: 2 }),
      'oneCycle: momentum must be a finite number ≥ 0 and ≤ 1, got 2',
    ],
    [
      () => oneCycle({ ...rate, cyclicalMomentum: [0.8, 2] }),
      'oneCycle: cyclicalMomentum must be [minimum, stepSize], with momentum ≥ minimum, got 0.8,2',
    ],
    [
      () => oneCycle({ ...rate, momentum: 0.9, cyclicalMomentum: [0.95, 2] }),
      'oneCycle: cyclicalMomentum must be [minimum, stepSize], with momentum ≥ minimum, got 0.95,2',
    ],
    [
      () => oneCycle({ ...rate, momentum: 0.9, cyclicalMomentum: [0.8, 0.5] }),
      'oneCycle: cyclicalMomentum[1] must be an integer ≥ 1, got 0.5',
    ],
    [
      () => oneCycle({ ...rate, momentum: 0.9, cyclicalMomentum: [-1, 2] }),
      'oneCycle: cyclicalMomentum[0] must be a finite number ≥ 0, got -1',
    ],
    [
      () => fromSolver({ lr_policy: 'cosine', base_lr: 1 }),
      'fromSolver: lr_policy must be one of 1cycle, exp, exp_range, fixed, inv, multistep, poly, sigmoid, step, ' +
        'triangular, triangular2, got "cosine"',
    ],
    [
      () => fromSolver({ lr_policy: 'step', base_lr: 1, gamma: 0.1 }),
      'step: stepSize must be an integer ≥ 1, got undefined',
    ],
  ])('%s is refused', (make, message) => {
    expect(make).toThrow(new RangeError(message));
  });
});

describe('fromSolver', () => {
  it('reads the settings by their names in a solver prototxt', () => {
    const solver = { lr_policy: 'exp_range', base_lr: 1, max_lr: 2, stepsize: 5, gamma: 0.5, momentum: 0.9 };
    const { learningRate, momentum } = fromSolver(solver);
    expect(learningRate.spec).toEqual({
      type: 'caffe.expRange',
      baseLr: 1,
      maxLr: 2,
      stepSize: 5,
      gamma: 0.5,
      momentum: 0.9,
      of: 'learningRate',
    });
    expect(momentum?.(0)).toBe(0.9);
  });

  it('takes one stepvalue as well as a list', () => {
    const solver = { lr_policy: 'multistep', base_lr: 1, gamma: 0.5 };
    expect(fromSolver({ ...solver, stepvalue: 2 }).learningRate(2)).toBe(0.5);
    expect(fromSolver({ ...solver, stepvalue: [2, 3] }).learningRate(3)).toBe(0.25);
  });
});
