import fc from 'fast-check';
import * as optax from '../optax/index.ts';
import type { Schedule } from '../schedule.ts';

const value = fc.double({ min: -0, max: 10, noNaN: true });
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

/** One arbitrary per kind of schedule; of two that belong together, either. */
export const arbitraryOptax: Readonly<Record<optax.OptaxSpec['type'], fc.Arbitrary<Schedule>>> = {
  'optax.constantSchedule': fc.record({ value }).map(optax.constantSchedule),
  'optax.linearSchedule': fc
    .record({
      initValue: value,
      endValue: value,
      transitionSteps: fc.integer(),
      transitionBegin: fc.integer(),
    })
    .map(optax.linearSchedule),
  'optax.polynomialSchedule': fc
    .record({ initValue: value, endValue: value, power: value, transitionSteps: steps })
    .map(optax.polynomialSchedule),
  'optax.exponentialDecay': fc
    .record({ initValue: value, ...decay, staircase: fc.boolean(), endValue: fc.option(value) })
    .map(optax.exponentialDecay),
  'optax.cosineDecaySchedule': fc
    .record({ initValue: value, decaySteps: some, alpha: share, exponent: value })
    .map(optax.cosineDecaySchedule),
  'optax.piecewiseConstantSchedule': fc
    .record({ initValue: value, boundariesAndScales: scales })
    .map(optax.piecewiseConstantSchedule),
  'optax.piecewiseInterpolateSchedule': fc
    .record({
      interpolateType: fc.constantFrom('linear', 'cosine'),
      initValue: value,
      boundariesAndScales: scales,
    })
    .map(optax.piecewiseInterpolateSchedule),
  'optax.cosineOnecycleSchedule': fc
    .record({
      transitionSteps: steps,
      peakValue: value,
      pctStart: share,
      divFactor: some,
      finalDivFactor: some,
    })
    .map(optax.cosineOnecycleSchedule),
  'optax.linearOnecycleSchedule': fc
    .record({ transitionSteps: steps, peakValue: value, pctStart: share, pctFinal: share })
    .map(optax.linearOnecycleSchedule),
  'optax.warmupConstantSchedule': fc.record(rise).map(optax.warmupConstantSchedule),
  'optax.warmupCosineDecaySchedule': warmupCosine.map(optax.warmupCosineDecaySchedule),
  'optax.warmupExponentialDecaySchedule': fc
    .record({ ...rise, ...decay })
    .map(optax.warmupExponentialDecaySchedule),
  'optax.sgdrSchedule': fc
    .array(warmupCosine, { minLength: 1, maxLength: 4 })
    .map((cosineKwargs) => optax.sgdrSchedule({ cosineKwargs })),
  'optax.joinSchedules': fc.tuple(warmupCosine, steps).map(([cosine, boundary]) =>
    optax.joinSchedules({
      schedules: [optax.warmupCosineDecaySchedule(cosine), optax.constantSchedule({ value: 1 })],
      boundaries: [boundary],
    }),
  ),
};
