import { describe, expect, it } from 'vitest';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { float32, readLibraryFixture } from '../testing/library-fixture.ts';
import * as keras from './index.ts';

const functions = keras as unknown as Record<string, (options: object) => keras.RateOnly>;
const { cases } = readLibraryFixture('keras');

function make({ function: name, options }: { function: string; options: object }): Schedule {
  return (functions[name] as (options: object) => keras.RateOnly)(options).learningRate;
}

/** Keras is at the bottom of a cycle only where rounding has moved the next one's first step. */
function isLateRestart(spec: ScheduleSpec, step: number, value: number): boolean {
  return spec.type === 'keras.cosineDecayRestarts' && spec.alpha === 0 && value === 0 && step > 0;
}

describe('Keras 3.15.1', () => {
  it('has every function in the reference but the two callbacks, which are not of Keras itself', () => {
    const names = new Set([...cases.map((one) => one.function), 'cyclicLR', 'oneCycleLR']);
    expect([...names].sort()).toEqual(
      Object.keys(functions)
        .filter((name) => name !== 'kerasSpecs')
        .sort(),
    );
  });

  it.each(cases.filter(({ error }) => error === undefined))(
    'has the values of $function($options)',
    (one) => {
      const compared = one.steps.map((step, index) => ({ step, value: one.values?.[index] ?? NaN }));
      const schedule = make(one);
      const same = compared.filter(({ step, value }) => !isLateRestart(schedule.spec, step, value));
      expect(same.length).toBeGreaterThanOrEqual(compared.length - 1);
      expect(float32(same.map(({ step }) => schedule(step)))).toEqual(
        float32(same.map(({ value }) => value)),
      );
    },
  );

  it.each(cases.filter(({ error }) => error !== undefined))('refuses $function($options), as here', (one) => {
    expect(() => make(one)).toThrow(RangeError);
    expect(() => make(one)).toThrow(`${one.function}: `);
  });
});

describe('Keras schedules', () => {
  it('keep the old value at a boundary', () => {
    const { learningRate } = keras.piecewiseConstantDecay({ boundaries: [2, 4], values: [3, 2, 1] });
    expect([-1, 0, 2, 3, 4, 5, 99].map(learningRate)).toEqual([3, 3, 3, 2, 2, 1, 1]);
  });

  it('count decaySteps from the end of the warm-up', () => {
    const warmup = { warmupTarget: 1, warmupSteps: 2 };
    const { learningRate } = keras.cosineDecay({ initialLearningRate: 0, decaySteps: 6, ...warmup });
    expect([-1, 0, 1, 2, 5, 8, 9].map(learningRate)).toEqual([0, 0, 0.5, 1, 0.5, 0, 0]);
  });

  it('stretch a cycling polynomial to the next multiple of decaySteps', () => {
    const options = { initialLearningRate: 1, decaySteps: 2, endLearningRate: 0, cycle: true };
    // 1 − n/2 up to 2, then 1 − 3/4 and 0, then 1 − 5/6 and 0
    const { learningRate } = keras.polynomialDecay(options);
    expect([0, 1, 2, 3, 4, 6].map(learningRate)).toEqual([1, 0.5, 0, 0.25, 0, 0]);
    expect(learningRate(5)).toBeCloseTo(1 / 6, 15);
  });

  it('keep the lowest rate a part of the first one when cycles get lower', () => {
    const options = { initialLearningRate: 1, firstDecaySteps: 4, tMul: 1, mMul: 0.5, alpha: 0.5 };
    // height ½ and ½·½ above ½: middles at ½ + ½·½ and ½ + ¼·½
    const { learningRate } = keras.cosineDecayRestarts(options);
    expect([0, 2, 4, 6, 8].map(learningRate)).toEqual([1, 0.75, 0.75, 0.625, 0.625]);
  });
});

it.each([
  [3, 121],
  [10, 111],
])('cosineDecayRestarts begins a cycle in time: tMul %d, after %d times the first', (tMul, cycles) => {
  // 1 + 3 + 9 + 27 + 81 and 1 + 10 + 100
  const options = { initialLearningRate: 1, firstDecaySteps: 2, tMul };
  expect(keras.cosineDecayRestarts(options).learningRate(2 * cycles)).toBeCloseTo(1, 15);
});

describe('cyclicLR', () => {
  const given = { baseLr: 1, maxLr: 5, stepSize: 4 };
  const run = (options: keras.CyclicLROptions): number[] =>
    [...Array(17).keys()].map(keras.cyclicLR(options).learningRate);

  it('has the golden values of its three modes', () => {
    expect(run(given)).toEqual([1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 1]);
    const halved = [1, 2, 3, 4, 5, 4, 3, 2, 1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1];
    expect(run({ ...given, mode: 'triangular2' })).toEqual(halved);
    const golden = [
      1, 1.9, 2.62, 3.187, 3.6244, 2.77147, 2.062882, 1.4782969, 1, 1.387420489, 1.69735688, 1.941431788,
      2.129718146, 1.762559748, 1.457535849, 1.205891132, 1,
    ];
    run({ ...given, mode: 'exp_range', gamma: 0.9 }).forEach((value, step) => {
      expect(value).toBeCloseTo(golden[step] as number, 9);
    });
  });

  it('has the defaults of the original, not those of torch', () => {
    expect(keras.cyclicLR().learningRate.spec).toEqual({
      type: 'keras.cyclicLR',
      baseLr: 0.001,
      maxLr: 0.006,
      stepSize: 2000,
      mode: 'triangular',
      gamma: 1,
    });
  });
});

describe('oneCycleLR', () => {
  it('goes from a tenth up to the maximum and down to a thousandth', () => {
    // trunc(20·0.9 / 2) = 9 up, 9 down, a tail of 2: 0.1·(1 − 0.99·½) half-way
    const { learningRate, momentum } = keras.oneCycleLR({ maxLr: 1, numIterations: 20 });
    const golden = [0.1, 0.1, 0.4, 1, 0.4, 0.1, 0.0505, 0.001, 0.001];
    [-1, 0, 3, 9, 15, 18, 19, 20, 21].forEach((step, index) => {
      expect(learningRate(step)).toBeCloseTo(golden[index] as number, 15);
    });
    [0.95, 0.95, 0.85, 0.95, 0.95].forEach((value, index) => {
      expect(momentum([-1, 0, 9, 18, 99][index] as number)).toBeCloseTo(value, 15);
    });
  });

  it('peaks at 100·s² times the maximum', () => {
    const { learningRate } = keras.oneCycleLR({ maxLr: 1, numIterations: 10, endPercentage: 0.2 });
    // trunc(10·0.8 / 2) = 4; from 0.2 up to 0.2·(1 + 19)
    expect([0, 4, 8].map(learningRate)).toEqual([0.2, 4, 0.2]);
    expect(learningRate(10)).toBeCloseTo(0.002, 15);
  });

  it('is all tail where there is no room for a cycle, unless strict', () => {
    const options = { maxLr: 1, numIterations: 2 };
    const { learningRate, momentum } = keras.oneCycleLR(options);
    expect(float32([0, 1, 2, 3].map(learningRate))).toEqual(float32([0.1, 0.0505, 0.001, 0.001]));
    expect([0, 1, 2].map(momentum)).toEqual([0.95, 0.95, 0.95]);
    expect(() => keras.oneCycleLR({ ...options, strict: true })).toThrow(
      'oneCycleLR: numIterations must be enough for a cycle of two, got 2',
    );
    // trunc(3·0.9 / 2) = 1: one update up, one down
    expect([0, 1, 2].map(keras.oneCycleLR({ ...options, numIterations: 3 }).learningRate)).toEqual([
      0.1, 1, 0.1,
    ]);
  });
});

it.each<[() => unknown, string]>([
  [
    () => keras.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 1, tMul: 0.5 }),
    'cosineDecayRestarts: tMul must be a finite number ≥ 1 and ≤ 1000000, got 0.5',
  ],
  [
    () => keras.piecewiseConstantDecay({ boundaries: [2, 2], values: [1, 1, 1] }),
    'piecewiseConstantDecay: boundaries must be increasing, and one fewer than values, got 2,2',
  ],
  [
    () =>
      keras.polynomialDecay({ initialLearningRate: 1, decaySteps: 1, cycle: 'yes' as unknown as boolean }),
    'polynomialDecay: cycle must be true or false, got "yes"',
  ],
  [
    () => keras.cyclicLR({ mode: 'exp' as 'exp_range' }),
    'cyclicLR: mode must be one of triangular, triangular2, exp_range, got "exp"',
  ],
  [() => keras.cyclicLR({ gamma: -1 }), 'cyclicLR: gamma must be a finite number ≥ 0, got -1'],
  [
    () => keras.oneCycleLR({ maxLr: 1, numIterations: 9, minimumMomentum: 1 }),
    'oneCycleLR: minimumMomentum must be ≤ maximumMomentum, got 1',
  ],
])('what is out of range is refused: %#', (wrong, message) => {
  expect(wrong).toThrow(RangeError);
  expect(wrong).toThrow(message);
});
