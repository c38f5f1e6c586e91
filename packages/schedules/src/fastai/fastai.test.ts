import { describe, expect, it } from 'vitest';
import { fromSpec } from '../from-spec.ts';
import { fastaiSpecs } from './specs.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { float32, readLibraryFixture, type LibraryCase } from '../testing/library-fixture.ts';
import * as fastai from './index.ts';

type Made = { readonly learningRate: Schedule; readonly momentum?: Schedule };
type Combined = {
  readonly pcts: readonly number[];
  readonly scheds: readonly (readonly [string, number, number, number])[];
  readonly values: readonly number[];
};

const { cases, combined } = readLibraryFixture('fastai') as ReturnType<typeof readLibraryFixture> & {
  combined: Combined[];
};
const fits = {
  fitFlatCos: fastai.fitFlatCos,
  fitOneCycle: fastai.fitOneCycle,
  fitSgdr: fastai.fitSgdr,
  lrFind: fastai.lrFind,
} as Record<string, (options: object) => Made>;

function make(one: LibraryCase & { phase?: 'frozen' | 'unfrozen' }): Made {
  if (one.phase) return fastai.fineTune(one.options as fastai.FineTuneOptions)[one.phase];
  return (fits[one.function] as (options: object) => Made)(one.options);
}

describe('fastai 2.8.12', () => {
  it.each(cases.filter(({ error }) => error === undefined))(
    'has the values of $function($options)',
    (one) => {
      const { learningRate, momentum } = make(one);
      expect(float32(one.steps.map(learningRate))).toEqual(float32(one.learningRate));
      expect(float32(momentum && one.steps.map(momentum))).toEqual(float32(one.momentum));
    },
  );

  it('divides by zero for equal cycles, which are equal here', () => {
    const raised = cases.filter(({ error }) => error !== undefined);
    expect(raised.map((one) => [one.function, one.error])).toEqual(
      Array(4).fill(['fitSgdr', 'ZeroDivisionError']),
    );
    const { learningRate } = fastai.fitSgdr({ lrMax: 1, nCycles: 4, cycleLen: 4, cycleMult: 1 });
    expect([0, 4, 8, 12, 16].map(learningRate)).toEqual([1, 1, 1, 1, 0]);
    expect([2, 6, 10, 14].map(learningRate)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it.each(combined)('combines $pcts in float32', ({ pcts, scheds, values }) => {
    const makers = fastai as unknown as Record<string, (...args: number[]) => fastai.PositionFunction>;
    const made = scheds.map(([name, ...args]) => (makers[name] as (typeof makers)[string])(...args));
    const sched = fastai.combineScheds(pcts, made);
    expect(float32(values.map((_, index) => sched(index / 60)))).toEqual(float32(values));
  });
});

describe('fastai schedules', () => {
  it('have the golden values of a cycle of ten, which never reaches its last rate', () => {
    const { learningRate, momentum } = fastai.fitOneCycle({ lrMax: 1, totalSteps: 10 });
    const golden = [
      0.04, 0.3716718427, 0.9083281573, 0.9890739096, 0.9045094521, 0.7500025, 0.552268709, 0.3454980479,
      0.1654430425, 0.04323683891,
    ];
    // those were computed in float64; positions are float32
    golden.forEach((value, step) => {
      expect(learningRate(step)).toBeCloseTo(value, 6);
    });
    expect([10, 11, 1e9].map(learningRate)).toEqual(Array(3).fill(learningRate(10)));
    expect(learningRate(10)).toBeCloseTo(1e-5, 15);
    expect([momentum(0), momentum(10)]).toEqual([0.95, 0.95]);
    expect(momentum(2)).toBeGreaterThan(momentum(3));
  });

  it('use the first rate alone in a run of one, and no maximum in one of two', () => {
    const one = fastai.fitOneCycle({ lrMax: 1, totalSteps: 1 });
    expect([-1, 0].map(one.learningRate)).toEqual([0.04, 0.04]);
    // ½ is at (½ − ¼) / ¾ = ⅓ of the way down, where the cosine has ¾: 1e-5 + ¾·(1 − 1e-5)
    const two = fastai.fitOneCycle({ lrMax: 1, totalSteps: 2 });
    expect(two.learningRate(1)).toBeCloseTo(0.7500025, 7);
  });

  it('stay flat until pctStart, then fall', () => {
    const { learningRate } = fastai.fitFlatCos({ lr: 1, totalSteps: 4, pctStart: 0.5, divFinal: 2 });
    // half-way down from 1 to ½ at three quarters
    expect([0, 1, 2, 3, 4].map(learningRate)).toEqual([1, 1, 1, 0.75, 0.5]);
  });

  it('multiply the rate by the same factor in every update of a range test, at least six of them', () => {
    const { learningRate } = fastai.lrFind({ startLr: 1, endLr: 64, numIt: 2 });
    expect(float32([0, 1, 2, 5, 6, 7].map(learningRate))).toEqual([1, 2, 4, 32, 64, 64]);
  });

  it('make a schedule of a function of the position, which JSON cannot hold', () => {
    const sched = fastai.combineScheds([0.5, 0.5], [fastai.schedLin(0, 1), fastai.schedLin(1, 0)]);
    const schedule = fastai.paramScheduler({ sched, totalSteps: 4 });
    expect([-1, 0, 1, 2, 3, 4, 5].map(schedule)).toEqual([0, 0, 0.5, 1, 0.5, 0, 0]);
    expect(() => schedule.spec).toThrow(TypeError);
    const negative = fastai.paramScheduler({ sched: fastai.schedLin(1, -1), totalSteps: 4 });
    expect(() => negative(3)).toThrow('paramScheduler: value of sched must be a finite number ≥ 0, got -0.5');
  });

  it.each<[() => unknown, string]>([
    [
      () => fastai.fitOneCycle({ lrMax: 1, totalSteps: 10, pctStart: 30 }),
      'fitOneCycle: pctStart must be a finite number ≥ 0 and ≤ 1, got 30',
    ],
    [
      () => fastai.fitOneCycle({ lrMax: 1, totalSteps: 10, moms: [0.9] }),
      'fitOneCycle: moms must be a list of three, got 0.9',
    ],
    [
      () => fastai.fitOneCycle({ lrMax: 1, totalSteps: 10, moms: [0.9, NaN, 0.9] }),
      'fitOneCycle: moms[1] must be a finite number ≥ 0, got NaN',
    ],
    [
      () => fastai.fitFlatCos({ lr: 1, totalSteps: 1.5 }),
      'fitFlatCos: totalSteps must be an integer ≥ 1, got 1.5',
    ],
    [
      () => fastai.fitSgdr({ lrMax: 1, nCycles: 0, cycleLen: 1 }),
      'fitSgdr: nCycles must be an integer ≥ 1, got 0',
    ],
    [() => fastai.lrFind({ startLr: 0 }), 'lrFind: startLr must be a finite number > 0, got 0'],
    [
      () => fastai.combineScheds([0.5, 0.4], [Math.abs, Math.abs]),
      'combineScheds: sum of pcts must be 1, got 0.9',
    ],
    [() => fastai.combineScheds([1], []), 'combineScheds: pcts must be one for each of scheds, got 1'],
    [() => fastai.schedExp(0, 1), 'schedExp: start must be a finite number > 0, got 0'],
    [
      () =>
        fromSpec(
          { type: 'fastai.fitOneCycle', lrMax: 1, totalSteps: 9 } as unknown as ScheduleSpec,
          fastaiSpecs,
        ),
      'fromSpec: of must be one of learningRate, momentum, got undefined',
    ],
  ])('refuse what is out of range: %#', (wrong, message) => {
    expect(wrong).toThrow(RangeError);
    expect(wrong).toThrow(message);
  });
});
