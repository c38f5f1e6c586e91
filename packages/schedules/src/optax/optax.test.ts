import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSpec } from '../from-spec.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { float32, readLibraryFixture } from '../testing/library-fixture.ts';
import * as optax from './index.ts';

const functions = optax as unknown as Record<string, (options: object) => Schedule>;
const { cases } = readLibraryFixture('optax');

function make({ function: name, options }: { function: string; options: object }): Schedule {
  return (functions[name] as (options: object) => Schedule)(options);
}

describe('optax 0.2.8', () => {
  it('has every function in the reference', () => {
    const names = new Set([...cases.map((one) => one.function), 'joinSchedules']);
    expect([...names].sort()).toEqual(Object.keys(functions).sort());
  });

  it.each(cases.filter(({ error }) => error === undefined))(
    'has the values of $function($options)',
    (one) => {
      expect(float32(one.steps.map(make(one)))).toEqual(float32(one.values));
    },
  );

  it.each(cases.filter(({ error }) => error !== undefined))('refuses $function($options), as here', (one) => {
    expect(() => make(one)).toThrow(RangeError);
    expect(() => make(one)).toThrow(`${one.function}: `);
  });
});

const run = (schedule: Schedule, steps: number): number[] => [...Array(steps).keys()].map(schedule);

describe('optax schedules', () => {
  it('have the peak of cosineOnecycleSchedule at trunc(0.3·10) = 3 and its end at 10', () => {
    const schedule = optax.cosineOnecycleSchedule({ transitionSteps: 10, peakValue: 1 });
    const golden = [0.04, 0.28, 0.76, 1, 0.950484632, 0.8117456539, 0.6112620219, 0.3887419781];
    run(schedule, 8).forEach((value, step) => {
      expect(value).toBeCloseTo(golden[step] as number, 9);
    });
    expect(schedule(10)).toBeCloseTo(4e-6, 16);
    expect(schedule(1e9)).toBe(schedule(10));
  });

  it('lose phases of a cycle in tiny runs', () => {
    // T = 1: trunc(0.3) = trunc(0.85) = 0, so the later factor alone counts, 1/25 of 1/25; then 1/10,000 of it
    const one = optax.linearOnecycleSchedule({ transitionSteps: 1, peakValue: 625 });
    expect([one(0), one(1)]).toEqual([1, 1e-4]);
    // T = 2: corners at 0, 1 and 2: no rise
    const two = optax.linearOnecycleSchedule({ transitionSteps: 2, peakValue: 25 });
    expect(run(two, 3)).toEqual([25, 1, 1e-4]);
    // T = 3, cosine: trunc(0.9) = 0: 1 → 4e-6, a quarter of the cosine's way at the first third
    const three = optax.cosineOnecycleSchedule({ transitionSteps: 3, peakValue: 1 });
    expect(three(0)).toBe(1);
    expect(three(1)).toBeCloseTo(0.75, 5);
  });

  it('count the warm-up in decaySteps, and decay from its end', () => {
    const rise = { initValue: 0, peakValue: 1, warmupSteps: 2 };
    // up by a half each, then 6 steps of the cosine: its middle at 2 + 3
    expect([0, 1, 2, 5, 8, 9].map(optax.warmupCosineDecaySchedule({ ...rise, decaySteps: 8 }))).toEqual([
      0, 0.5, 1, 0.5, 0, 0,
    ]);
    const halving = optax.warmupExponentialDecaySchedule({ ...rise, transitionSteps: 1, decayRate: 0.5 });
    expect(run(halving, 5)).toEqual([0, 0.5, 1, 0.5, 0.25]);
  });

  it('join with steps counted from the boundary, whatever order boundaries have', () => {
    const falling = optax.linearSchedule({ initValue: 4, endValue: 0, transitionSteps: 4 });
    const joined = optax.joinSchedules({ schedules: [falling, falling, falling], boundaries: [2, 5] });
    expect([-1, 0, 1, 2, 3, 4, 5, 6, 9, 99].map(joined)).toEqual([4, 4, 3, 4, 3, 2, 4, 3, 0, 0]);
    // the last boundary that is reached wins: 3 from step 3 on, so that 6 is never seen
    const crossed = optax.joinSchedules({ schedules: [falling, falling, falling], boundaries: [6, 3] });
    expect([2, 3, 6].map(crossed)).toEqual([2, 4, 1]);
    expect(() => optax.joinSchedules({ schedules: [falling], boundaries: [1] })).toThrow(
      'joinSchedules: boundaries must be one fewer than schedules, got 1',
    );
  });

  it('multiply scales up, the boundary already with its scale', () => {
    const given = { initValue: 8, boundariesAndScales: { 4: 0.5, 2: 0.5 } };
    expect(run(optax.piecewiseConstantSchedule(given), 6)).toEqual([8, 8, 4, 4, 2, 2]);
    const joined = optax.piecewiseInterpolateSchedule({ interpolateType: 'linear', ...given });
    expect(run(joined, 6)).toEqual([8, 6, 4, 3, 2, 2]);
  });

  it.each<[() => Schedule, string]>([
    [
      () => optax.linearSchedule({ initValue: -1, endValue: 0, transitionSteps: 1 }),
      'linearSchedule: initValue must be a finite number ≥ 0, got -1',
    ],
    [
      () => optax.cosineDecaySchedule({ initValue: 1, decaySteps: NaN }),
      'cosineDecaySchedule: decaySteps must be a finite number > 0, got NaN',
    ],
    [
      () => optax.piecewiseConstantSchedule({ initValue: 1, boundariesAndScales: { [-2]: 1 } }),
      'piecewise: knots[1].step must be greater than the step before it, 0, got -2',
    ],
    [
      () => optax.exponentialDecay({ initValue: 1, transitionSteps: 1, decayRate: -1 }),
      'exponentialDecay: decayRate must be a finite number ≥ 0, got -1',
    ],
    [
      () => optax.warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 3, decaySteps: 3 }),
      'warmupCosineDecaySchedule: decaySteps must be greater than warmupSteps, 3, got 3',
    ],
    [
      () => optax.sgdrSchedule({ cosineKwargs: [] }),
      'sgdrSchedule: cosineKwargs must be a list of one or more',
    ],
    [
      () => fromSpec({ type: 'optax.exponentialDecay', staircase: 1 } as unknown as ScheduleSpec),
      'exponentialDecay: initValue must be a finite number ≥ 0, got undefined',
    ],
  ])('refuse what is out of range: %#', (wrong, message) => {
    expect(wrong).toThrow(RangeError);
    expect(wrong).toThrow(message);
  });
});

const value = fc.double({ min: 0, max: 10, noNaN: true });
const some = fc.double({ min: 0.01, max: 100, noNaN: true });
const steps = fc.integer({ min: 1, max: 1_000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const scales = fc.dictionary(fc.nat(50).map(String), fc.double({ min: 0, max: 3, noNaN: true }), {
  maxKeys: 5,
});
const rise = { initValue: value, peakValue: value, warmupSteps: fc.nat(50) };
const decay = { transitionSteps: steps, decayRate: fc.double({ min: 0, max: 2, noNaN: true }) };
const warmupCosine = fc
  .record({ ...rise, length: steps, endValue: value, exponent: value })
  .map(({ length, ...given }) => ({ ...given, decaySteps: given.warmupSteps + length }));

const arbitraries = {
  constantSchedule: fc.record({ value }).map(optax.constantSchedule),
  linearSchedule: fc
    .record({
      initValue: value,
      endValue: value,
      transitionSteps: fc.integer(),
      transitionBegin: fc.integer(),
    })
    .map(optax.linearSchedule),
  polynomialSchedule: fc
    .record({ initValue: value, endValue: value, power: value, transitionSteps: steps })
    .map(optax.polynomialSchedule),
  exponentialDecay: fc
    .record({ initValue: value, ...decay, staircase: fc.boolean(), endValue: fc.option(value) })
    .map(optax.exponentialDecay),
  cosineDecaySchedule: fc
    .record({ initValue: value, decaySteps: some, alpha: share, exponent: value })
    .map(optax.cosineDecaySchedule),
  piecewiseConstantSchedule: fc
    .record({ initValue: value, boundariesAndScales: scales })
    .map(optax.piecewiseConstantSchedule),
  piecewiseInterpolateSchedule: fc
    .record({
      interpolateType: fc.constantFrom('linear', 'cosine'),
      initValue: value,
      boundariesAndScales: scales,
    })
    .map(optax.piecewiseInterpolateSchedule),
  cosineOnecycleSchedule: fc
    .record({
      transitionSteps: steps,
      peakValue: value,
      pctStart: share,
      divFactor: some,
      finalDivFactor: some,
    })
    .map(optax.cosineOnecycleSchedule),
  linearOnecycleSchedule: fc
    .record({ transitionSteps: steps, peakValue: value, pctStart: share, pctFinal: share })
    .map(optax.linearOnecycleSchedule),
  warmupConstantSchedule: fc.record(rise).map(optax.warmupConstantSchedule),
  warmupCosineDecaySchedule: warmupCosine.map(optax.warmupCosineDecaySchedule),
  warmupExponentialDecaySchedule: fc.record({ ...rise, ...decay }).map(optax.warmupExponentialDecaySchedule),
  sgdrSchedule: fc
    .array(warmupCosine, { minLength: 1, maxLength: 4 })
    .map((cosineKwargs) => optax.sgdrSchedule({ cosineKwargs })),
  joinSchedules: fc.tuple(warmupCosine, steps).map(([cosine, boundary]) =>
    optax.joinSchedules({
      schedules: [optax.warmupCosineDecaySchedule(cosine), optax.constantSchedule({ value: 1 })],
      boundaries: [boundary],
    }),
  ),
};

describe.each(Object.entries(arbitraries))('optax %s', (name, arbitrary: fc.Arbitrary<Schedule>) => {
  const anyStep = fc.oneof(
    fc.integer({ min: -5, max: 1_200 }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  );

  it('is never negative and never NaN, and holds its first value before step 0', () => {
    fc.assert(
      fc.property(arbitrary, anyStep, (schedule, step) => {
        expect(schedule(step)).toBeGreaterThanOrEqual(0);
        expect(schedule(-Math.abs(step))).toBe(schedule(0));
      }),
    );
  });

  it('is made again from JSON', () => {
    fc.assert(
      fc.property(arbitrary, fc.array(anyStep), (schedule, at) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec);
        expect(schedule.spec.type).toBe(`optax.${name}`);
        expect(copy.spec).toEqual(schedule.spec);
        expect(at.map(copy)).toEqual(at.map(schedule));
      }),
    );
  });
});
