import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSpec, type Schedule, type ScheduleSpec } from '../index.ts';
import {
  chainedScheduler,
  constantLR,
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  cyclicLR,
  exponentialLR,
  linearLR,
  multiStepLR,
  oneCycleLR,
  polynomialLR,
  sequentialLR,
  stepLR,
  type TorchSchedules,
} from './index.ts';

const value = fc.double({ min: 0, max: 1e3, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const aboveOne = fc.double({ min: 1, max: 1e6, noNaN: true });
const count = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 100_000 }));
const natural = fc.integer({ min: 0, max: 100 });
const gamma = fc.double({ min: 0, max: 2, noNaN: true });
const momenta = { baseMomentum: unit, maxMomentum: unit };

/** Schedulers of one rate that torch multiplies in a chain. */
const factorsOf = (lr: fc.Arbitrary<number>): fc.Arbitrary<TorchSchedules> =>
  fc.oneof(
    fc.record({ lr, stepSize: count, gamma }).map(stepLR),
    fc.record({ lr, milestones: fc.array(natural, { maxLength: 5 }), gamma }).map(multiStepLR),
    fc.record({ lr, gamma }).map(exponentialLR),
    fc.record({ lr, factor: unit, totalIters: natural }).map(constantLR),
    fc
      .record({ lr, startFactor: unit, endFactor: unit, totalIters: natural })
      .map((options) => linearLR({ ...options, startFactor: options.startFactor || 1 })),
    fc
      .record({ lr, totalIters: natural, power: fc.double({ min: 0, max: 4, noNaN: true }) })
      .map(polynomialLR),
  );

const single: fc.Arbitrary<TorchSchedules> = fc.oneof(
  factorsOf(value),
  fc.record({ lr: value, tMax: count, etaMin: value }).map(cosineAnnealingLR),
  fc
    .record({ lr: value, t0: count, tMult: fc.integer({ min: 1, max: 3 }), etaMin: value })
    .map(cosineAnnealingWarmRestarts),
  fc
    .record({
      ...momenta,
      maxLr: value,
      totalSteps: count,
      pctStart: fc.oneof(unit, fc.constantFrom(0, 0.1, 0.5, 1)),
      annealStrategy: fc.constantFrom('cos', 'linear'),
      divFactor: aboveOne,
      finalDivFactor: aboveOne,
      threePhase: fc.boolean(),
    })
    .map((options) => oneCycleLR(options)),
  fc
    .record({
      ...momenta,
      baseLr: value,
      maxLr: value,
      stepSizeUp: count,
      stepSizeDown: fc.option(natural),
      mode: fc.constantFrom('triangular', 'triangular2', 'exp_range'),
      gamma,
    })
    .map((options) => cyclicLR(options)),
);

const arbitrary: fc.Arbitrary<TorchSchedules> = fc.oneof(
  { weight: 4, arbitrary: single },
  fc.array(fc.tuple(single, natural), { minLength: 1, maxLength: 4 }).map((parts) =>
    sequentialLR({
      schedulers: parts.map(([scheduler]) => scheduler),
      milestones: parts
        .map(([, milestone]) => milestone)
        .sort((a, b) => a - b)
        .slice(1),
    }),
  ),
  fc
    .array(factorsOf(fc.constant(0.1)), { minLength: 1, maxLength: 4 })
    .map((schedulers) => chainedScheduler({ lr: 0.1, schedulers })),
);

const steps = [-1e9, -1, 0, 0.5, 1, 2, 3, 7, 10, 99.5, 100, 12_345, 1e9, 1e300, Number.MAX_VALUE];
const schedulesOf = (scheduler: TorchSchedules): Schedule[] =>
  scheduler.momentum ? [scheduler.learningRate, scheduler.momentum] : [scheduler.learningRate];

describe("torch's schedulers without strict", () => {
  it('are finite and never negative, far outside of the run too, and hold their first value before it', () => {
    fc.assert(
      fc.property(arbitrary, (scheduler) => {
        for (const schedule of schedulesOf(scheduler)) {
          const values = steps.map(schedule);
          expect(values.filter((one) => !(one >= 0 && one < Infinity))).toEqual([]);
          expect(schedule(-3)).toBe(schedule(0));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are made again from their spec as JSON', () => {
    fc.assert(
      fc.property(arbitrary, (scheduler) => {
        for (const schedule of schedulesOf(scheduler)) {
          const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec);
          expect(copy.spec).toEqual(schedule.spec);
          expect(steps.map(copy)).toEqual(steps.map(schedule));
        }
      }),
      { numRuns: 500 },
    );
  });
});
