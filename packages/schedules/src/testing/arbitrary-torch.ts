import fc from 'fast-check';
import type { Schedule } from '../schedule.ts';
import * as torch from '../torch/index.ts';

const value = fc.double({ min: -0, max: 1e3, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const aboveOne = fc.double({ min: 1, max: 1e6, noNaN: true });
const count = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 100_000 }));
const natural = fc.nat(100);
const gamma = fc.double({ min: 0, max: 2, noNaN: true });
const power = fc.double({ min: 0, max: 4, noNaN: true });
const startFactor = fc.double({ min: 1e-9, max: 1, noNaN: true });
const momenta = { baseMomentum: unit, maxMomentum: unit };

const rate = (scheduler: torch.TorchSchedules): Schedule => scheduler.learningRate;
const either = fc.constantFrom('learningRate' as const, 'momentum' as const);

/** The schedulers that a chain may be made of. */
const factorsOf = (lr: fc.Arbitrary<number>) => ({
  'torch.stepLR': fc.record({ lr, stepSize: count, gamma }).map(torch.stepLR),
  'torch.multiStepLR': fc
    .record({ lr, milestones: fc.array(natural, { maxLength: 5 }), gamma })
    .map(torch.multiStepLR),
  'torch.exponentialLR': fc.record({ lr, gamma }).map(torch.exponentialLR),
  'torch.constantLR': fc.record({ lr, factor: unit, totalIters: natural }).map(torch.constantLR),
  'torch.linearLR': fc
    .record({ lr, startFactor, endFactor: fc.oneof(unit, fc.constant(0)), totalIters: natural })
    .map(torch.linearLR),
  'torch.polynomialLR': fc.record({ lr, totalIters: natural, power }).map(torch.polynomialLR),
});
const factors = factorsOf(value);

const oneCycle = fc
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
  .map((options) => torch.oneCycleLR(options));
const cyclic = fc
  .record({
    ...momenta,
    baseLr: value,
    maxLr: value,
    stepSizeUp: count,
    stepSizeDown: fc.option(natural),
    mode: fc.constantFrom('triangular', 'triangular2', 'exp_range'),
    gamma,
  })
  .map((options) => torch.cyclicLR(options));
const sequential = fc
  .array(fc.tuple(fc.oneof(...Object.values(factors), oneCycle, cyclic), natural), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => {
    const milestones = parts.map(([, milestone]) => milestone).sort((a, b) => a - b);
    return torch.sequentialLR({
      schedulers: parts.map(([scheduler]) => scheduler),
      milestones: milestones.slice(1),
    });
  });

/** One arbitrary per kind of schedule; of two that belong together, either. */
export const arbitraryTorch: Readonly<Record<torch.TorchSpec['type'], fc.Arbitrary<Schedule>>> = {
  'torch.stepLR': factors['torch.stepLR'].map(rate),
  'torch.multiStepLR': factors['torch.multiStepLR'].map(rate),
  'torch.exponentialLR': factors['torch.exponentialLR'].map(rate),
  'torch.constantLR': factors['torch.constantLR'].map(rate),
  'torch.linearLR': factors['torch.linearLR'].map(rate),
  'torch.polynomialLR': factors['torch.polynomialLR'].map(rate),
  'torch.cosineAnnealingLR': fc
    .record({ lr: value, tMax: count, etaMin: value })
    .map((options) => torch.cosineAnnealingLR(options).learningRate),
  'torch.cosineAnnealingWarmRestarts': fc
    .record({ lr: value, t0: count, tMult: fc.integer({ min: 1, max: 3 }), etaMin: value })
    .map((options) => torch.cosineAnnealingWarmRestarts(options).learningRate),
  'torch.oneCycleLR': fc.tuple(oneCycle, either).map(([pair, of]) => pair[of]),
  'torch.cyclicLR': fc.tuple(cyclic, either).map(([pair, of]) => pair[of]),
  'torch.sequentialLR': fc.tuple(sequential, either).map(([pair, of]) => pair[of] ?? pair.learningRate),
  'torch.chainedScheduler': fc
    .array(fc.oneof(...Object.values(factorsOf(fc.constant(0.1)))), { minLength: 1, maxLength: 4 })
    .map((schedulers) => torch.chainedScheduler({ lr: 0.1, schedulers }).learningRate),
};
