import { describe, expect, it } from 'vitest';
import { fromSpec } from '../from-spec.ts';
import { optaxSpecs } from './specs.ts';
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
    expect([...names].sort()).toEqual(
      Object.keys(functions)
        .filter((name) => name !== 'optaxSpecs')
        .sort(),
    );
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
    const bare = (() => 1) as unknown as Schedule;
    expect(() => optax.joinSchedules({ schedules: [falling, bare], boundaries: [1] })).toThrow(TypeError);
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
      () => fromSpec({ type: 'optax.exponentialDecay', staircase: 1 } as unknown as ScheduleSpec, optaxSpecs),
      'exponentialDecay: initValue must be a finite number ≥ 0, got undefined',
    ],
  ])('refuse what is out of range: %#', (wrong, message) => {
    expect(wrong).toThrow(RangeError);
    expect(wrong).toThrow(message);
  });
});
