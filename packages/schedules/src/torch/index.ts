export type { RateOnly } from '../define-schedule.ts';
export {
  chainedScheduler,
  sequentialLR,
  type ChainedSchedulerOptions,
  type ChainedSchedulerSpec,
  type SequentialLROptions,
  type SequentialLRSpec,
} from './composed-lr.ts';
export {
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  type CosineAnnealingLROptions,
  type CosineAnnealingLRSpec,
  type CosineAnnealingWarmRestartsOptions,
  type CosineAnnealingWarmRestartsSpec,
} from './cosine-annealing-lr.ts';
export { cyclicLR, type CyclicLROptions, type CyclicLRSpec } from './cyclic-lr.ts';
export {
  constantLR,
  linearLR,
  polynomialLR,
  type ConstantLROptions,
  type ConstantLRSpec,
  type LinearLROptions,
  type LinearLRSpec,
  type PolynomialLROptions,
  type PolynomialLRSpec,
} from './factor-lr.ts';
export { lambdaLR, type LambdaLROptions } from './lambda-lr.ts';
export { oneCycleLR, type OneCycleLROptions, type OneCycleLRSpec } from './one-cycle-lr.ts';
export {
  reduceLROnPlateau,
  type ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauState,
} from './reduce-lr-on-plateau.ts';
export {
  exponentialLR,
  multiStepLR,
  stepLR,
  type ExponentialLROptions,
  type ExponentialLRSpec,
  type MultiStepLROptions,
  type MultiStepLRSpec,
  type StepLROptions,
  type StepLRSpec,
} from './step-lr.ts';
export { torchSpecs, type TorchSpec } from './specs.ts';
export type { TorchOutput, TorchSchedules } from './torch-schedules.ts';
