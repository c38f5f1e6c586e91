import { eitherOf, rateOnly } from '../pair-specs.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { listOf, scheduleSpec, type SpecType } from '../spec-type.ts';
import {
  chainedProperties,
  chainedScheduler,
  sequentialLR,
  sequentialProperties,
  type ChainedSchedulerSpec,
  type SequentialLRSpec,
} from './composed-lr.ts';
import {
  cosineAnnealingLR,
  cosineAnnealingProperties,
  cosineAnnealingWarmRestarts,
  warmRestartsProperties,
  type CosineAnnealingLRSpec,
  type CosineAnnealingWarmRestartsSpec,
} from './cosine-annealing-lr.ts';
import { cyclicLR, cyclicProperties, type CyclicLRSpec } from './cyclic-lr.ts';
import {
  constantLR,
  constantProperties,
  linearLR,
  linearProperties,
  polynomialLR,
  polynomialProperties,
  type ConstantLRSpec,
  type LinearLRSpec,
  type PolynomialLRSpec,
} from './factor-lr.ts';
import { oneCycleLR, oneCycleProperties, type OneCycleLRSpec } from './one-cycle-lr.ts';
import {
  exponentialLR,
  exponentialProperties,
  multiStepLR,
  multiStepProperties,
  stepLR,
  stepProperties,
  type ExponentialLRSpec,
  type MultiStepLRSpec,
  type StepLRSpec,
} from './step-lr.ts';
import type { TorchSchedules } from './torch-schedules.ts';

/** The specifications of torch's schedulers. */
export type TorchSpec =
  | ChainedSchedulerSpec
  | ConstantLRSpec
  | CosineAnnealingLRSpec
  | CosineAnnealingWarmRestartsSpec
  | CyclicLRSpec
  | ExponentialLRSpec
  | LinearLRSpec
  | MultiStepLRSpec
  | OneCycleLRSpec
  | PolynomialLRSpec
  | SequentialLRSpec
  | StepLRSpec;

const schedulers = { schedulers: listOf(scheduleSpec) };

/** torch's schedulers. */
export const torchSpecs: Readonly<Record<TorchSpec['type'], SpecType>> = {
  'torch.chainedScheduler': rateOnly(
    ({ lr, schedulers }: ChainedSchedulerSpec, read) =>
      chainedScheduler({ lr, schedulers: readAll(schedulers, read) }),
    { ...chainedProperties, ...schedulers },
  ),
  'torch.constantLR': rateOnly(constantLR, constantProperties),
  'torch.cosineAnnealingLR': rateOnly(cosineAnnealingLR, cosineAnnealingProperties),
  'torch.cosineAnnealingWarmRestarts': rateOnly(cosineAnnealingWarmRestarts, warmRestartsProperties),
  'torch.cyclicLR': eitherOf((spec: CyclicLRSpec) => cyclicLR(spec), cyclicProperties),
  'torch.exponentialLR': rateOnly(exponentialLR, exponentialProperties),
  'torch.linearLR': rateOnly(linearLR, linearProperties),
  'torch.multiStepLR': rateOnly(multiStepLR, multiStepProperties),
  'torch.oneCycleLR': eitherOf((spec: OneCycleLRSpec) => oneCycleLR(spec), oneCycleProperties),
  'torch.polynomialLR': rateOnly(polynomialLR, polynomialProperties),
  'torch.sequentialLR': rateOnly(
    ({ milestones, schedulers }: SequentialLRSpec, read) =>
      sequentialLR({ milestones, schedulers: readAll(schedulers, read) }),
    { ...sequentialProperties, ...schedulers },
  ),
  'torch.stepLR': rateOnly(stepLR, stepProperties),
};

function readAll(specs: readonly ScheduleSpec[], read: (spec: ScheduleSpec) => Schedule): TorchSchedules[] {
  return specs.map((spec) => ({ learningRate: read(spec) }));
}
