import fc from 'fast-check';
import {
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  flatThenCosine,
  inverseSquareRoot,
  inverseTime,
  linear,
  multiStep,
  piecewise,
  polynomial,
  rangeTestSchedule,
  stepDecay,
  triangular,
  warmUp,
  warmUpStableDecay,
  type Schedule,
  type ScheduleSpec,
} from '../index.ts';

const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const value = double(1e-9, 1e6);
const part = double(-0, 1);
const steps = fc.integer({ min: 1, max: 10_000 });
const zeroOrMore = fc.integer({ min: 0, max: 10_000 });
const orNull = fc.option(steps, { nil: null });

/** One arbitrary per kind of schedule. */
export const arbitrarySchedules: Readonly<Partial<Record<ScheduleSpec['type'], fc.Arbitrary<Schedule>>>> = {
  constant: fc.record({ value: double(-0, 9) }).map(constant),
  cosine: fc.record({ from: value, to: value, steps }).map(cosine),
  cosineRestarts: fc
    .record({
      maximum: double(1, 1e6),
      minimum: part,
      period: steps,
      periodFactor: fc.oneof(fc.integer({ min: 1, max: 10 }), double(1, 1.001), double(1, 1e6)),
      maximumFactor: part,
      cycles: orNull,
    })
    .map(cosineRestarts),
  cyclic: fc
    .record({
      minimum: part,
      maximum: double(1, 1e6),
      stepSizeUp: steps,
      stepSizeDown: orNull,
      cycles: orNull,
      mode: fc.constantFrom('triangular', 'triangular2', 'exponentialRange'),
      gamma: part,
      amplitudePer: fc.constantFrom('cycle', 'step'),
      to: fc.option(double(1e-9, 1e308)),
    })
    .map(({ to, ...rest }) =>
      cyclic({ ...rest, ...(to !== null && { amplitude: linear({ from: 0.5, to, steps: 9 }) }) }),
    ),
  exponential: fc.record({ from: value, to: value, steps }).map(exponential),
  flatThenCosine: fc
    .record({ value, flatSteps: zeroOrMore, decaySteps: steps, to: part })
    .map(flatThenCosine),
  inverseSquareRoot: fc.record({ initial: value, timescale: double(1e-300, 1e9) }).map(inverseSquareRoot),
  inverseTime: fc.record({ initial: value, rate: double(-0, 1e300), power: double(-0, 9) }).map(inverseTime),
  linear: fc.record({ from: value, to: value, steps }).map(linear),
  multiStep: fc
    .record({ initial: value, factor: double(0.01, 1), milestones: fc.array(steps) })
    .map(({ milestones, ...rest }) =>
      multiStep({ ...rest, milestones: [...new Set(milestones)].sort((a, b) => a - b) }),
    ),
  piecewise: fc
    .record({ value, steps, interpolation: fc.constantFrom('linear', 'cosine', 'exponential', 'step') })
    .map((given) =>
      piecewise({
        knots: [
          { step: 0, value: given.value },
          { step: given.steps, value: 1 },
        ],
        interpolation: given.interpolation,
      }),
    ),
  polynomial: fc.record({ from: value, to: part, steps, power: double(1e-300, 9) }).map(polynomial),
  rangeTestSchedule: fc
    .record({
      minimum: double(1e-9, 1),
      maximum: double(1, 1e6),
      steps,
      scale: fc.constantFrom('linear', 'exponential'),
    })
    .map(rangeTestSchedule),
  stepDecay: fc.record({ initial: value, factor: part, stepSize: steps }).map(stepDecay),
  triangular: fc
    .record({ maximum: value, stepSize: steps, cycles: fc.option(steps, { nil: undefined }) })
    .map((given) => triangular({ minimum: 0, ...given })),
  warmUp: fc
    .record({ to: part, length: steps, steps, from: value })
    .map(({ to, length, ...options }) => warmUp(cosine({ from: 1, to, steps: length }), options)),
  warmUpStableDecay: fc
    .record({
      peak: value,
      warmUpSteps: zeroOrMore,
      stableSteps: zeroOrMore,
      decaySteps: steps,
      from: part,
      to: part,
      decay: fc.constantFrom('linear', 'cosine', 'one-minus-sqrt'),
    })
    .map(warmUpStableDecay),
};
