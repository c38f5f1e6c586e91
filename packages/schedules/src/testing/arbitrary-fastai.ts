import fc from 'fast-check';
import * as fastai from '../fastai/index.ts';
import type { Schedule } from '../schedule.ts';

const rate = fc.double({ min: -0, max: 10, noNaN: true });
const some = fc.double({ min: 0.01, max: 1e6, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const totalSteps = fc.integer({ min: 1, max: 1_000 });
const oneCycle = fc
  .record({
    lrMax: rate,
    totalSteps,
    div: some,
    divFinal: some,
    pctStart: share,
    moms: fc.tuple(rate, rate, rate),
  })
  .chain((options) => fc.constantFrom(...Object.values(fastai.fitOneCycle(options))));

/** One arbitrary per kind of schedule; of two that belong together, either. */
export const arbitraryFastai: Readonly<Record<fastai.FastaiSpec['type'], fc.Arbitrary<Schedule>>> = {
  'fastai.fitOneCycle': oneCycle,
  'fastai.fitFlatCos': fc
    .record({ lr: rate, totalSteps, divFinal: some, pctStart: share })
    .map((options) => fastai.fitFlatCos(options).learningRate),
  'fastai.fitSgdr': fc
    .record({
      lrMax: rate,
      nCycles: fc.integer({ min: 1, max: 6 }),
      cycleLen: totalSteps,
      cycleMult: fc.integer({ min: 1, max: 5 }),
    })
    .map((options) => fastai.fitSgdr(options).learningRate),
  'fastai.lrFind': fc
    .record({ startLr: some, endLr: some, numIt: fc.integer({ min: -3, max: 500 }) })
    .map((options) => fastai.lrFind(options).learningRate),
};
