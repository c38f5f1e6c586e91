import fc from 'fast-check';
import * as keras from '../keras/index.ts';
import type { Schedule } from '../schedule.ts';

const rate = fc.double({ min: -0, max: 10, noNaN: true });
const some = fc.double({ min: 0.01, max: 1e3, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const decay = { initialLearningRate: rate, decaySteps: some, decayRate: rate, staircase: fc.boolean() };
const oneCycle = fc
  .record({
    maxLr: rate,
    numIterations: fc.integer({ min: 1, max: 1_000 }),
    endPercentage: share,
    scalePercentage: fc.option(share),
    minimumMomentum: fc.constant(0.5),
  })
  .chain((options) => fc.constantFrom(...Object.values(keras.oneCycleLR(options))));

/** One arbitrary per kind of schedule; of two that belong together, either. */
export const arbitraryKeras: Readonly<Record<keras.KerasSpec['type'], fc.Arbitrary<Schedule>>> = {
  'keras.exponentialDecay': fc.record(decay).map((options) => keras.exponentialDecay(options).learningRate),
  'keras.inverseTimeDecay': fc.record(decay).map((options) => keras.inverseTimeDecay(options).learningRate),
  'keras.piecewiseConstantDecay': fc
    .uniqueArray(fc.record({ step: fc.integer(), value: rate }), { selector: ({ step }) => step })
    .map((parts) => {
      const boundaries = parts.map(({ step }) => Math.abs(step) || 0.5).sort((a, b) => a - b);
      const values = [...parts.map(({ value }) => value), 1];
      const distinct = boundaries.filter((step, index) => step !== boundaries[index - 1]);
      const options = { boundaries: distinct, values: values.slice(0, distinct.length + 1) };
      return keras.piecewiseConstantDecay(options).learningRate;
    }),
  'keras.polynomialDecay': fc
    .record({
      initialLearningRate: rate,
      decaySteps: some,
      endLearningRate: rate,
      power: rate,
      cycle: fc.boolean(),
    })
    .map((options) => keras.polynomialDecay(options).learningRate),
  'keras.cosineDecay': fc
    .record({
      initialLearningRate: rate,
      decaySteps: some,
      alpha: rate,
      warmupTarget: fc.option(rate),
      warmupSteps: fc.nat(50),
    })
    .map((options) => keras.cosineDecay(options).learningRate),
  'keras.cosineDecayRestarts': fc
    .record({
      initialLearningRate: rate,
      firstDecaySteps: some,
      tMul: fc.double({ min: 1, max: 1e6, noNaN: true }),
      mMul: rate,
      alpha: share,
    })
    .map((options) => keras.cosineDecayRestarts(options).learningRate),
  'keras.cyclicLR': fc
    .record({
      baseLr: rate,
      more: rate,
      stepSize: some,
      mode: fc.constantFrom('triangular', 'triangular2', 'exp_range'),
      gamma: share,
    })
    .map(({ more, ...options }) => keras.cyclicLR({ ...options, maxLr: options.baseLr + more }).learningRate),
  'keras.oneCycleLR': oneCycle,
};
