import { requireThat } from '../checks.ts';
import { fromSpec } from '../from-spec.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { listOf, oneOf, scheduleSpec, type SpecType } from '../spec-type.ts';
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

const of = { 'of?': oneOf(['learningRate', 'momentum']) };
const schedulers = { schedulers: listOf(scheduleSpec) };

/** torch's schedulers. */
export const torchSpecs: Readonly<Record<TorchSpec['type'], SpecType>> = {
  'torch.chainedScheduler': {
    create: ({ lr, schedulers }: ChainedSchedulerSpec): Schedule =>
      chainedScheduler({ lr, schedulers: fromSpecs(schedulers) }).learningRate,
    properties: { ...chainedProperties, ...schedulers },
  },
  'torch.constantLR': {
    create: (spec: ConstantLRSpec): Schedule => constantLR(spec).learningRate,
    properties: constantProperties,
  },
  'torch.cosineAnnealingLR': {
    create: (spec: CosineAnnealingLRSpec): Schedule => cosineAnnealingLR(spec).learningRate,
    properties: cosineAnnealingProperties,
  },
  'torch.cosineAnnealingWarmRestarts': {
    create: (spec: CosineAnnealingWarmRestartsSpec): Schedule =>
      cosineAnnealingWarmRestarts(spec).learningRate,
    properties: warmRestartsProperties,
  },
  'torch.cyclicLR': {
    create: (spec: CyclicLRSpec): Schedule => output(cyclicLR(spec), spec.of),
    properties: { ...cyclicProperties, ...of },
  },
  'torch.exponentialLR': {
    create: (spec: ExponentialLRSpec): Schedule => exponentialLR(spec).learningRate,
    properties: exponentialProperties,
  },
  'torch.linearLR': {
    create: (spec: LinearLRSpec): Schedule => linearLR(spec).learningRate,
    properties: linearProperties,
  },
  'torch.multiStepLR': {
    create: (spec: MultiStepLRSpec): Schedule => multiStepLR(spec).learningRate,
    properties: multiStepProperties,
  },
  'torch.oneCycleLR': {
    create: (spec: OneCycleLRSpec): Schedule => output(oneCycleLR(spec), spec.of),
    properties: { ...oneCycleProperties, ...of },
  },
  'torch.polynomialLR': {
    create: (spec: PolynomialLRSpec): Schedule => polynomialLR(spec).learningRate,
    properties: polynomialProperties,
  },
  'torch.sequentialLR': {
    create: ({ milestones, schedulers }: SequentialLRSpec): Schedule =>
      sequentialLR({ milestones, schedulers: fromSpecs(schedulers) }).learningRate,
    properties: { ...sequentialProperties, ...schedulers },
  },
  'torch.stepLR': {
    create: (spec: StepLRSpec): Schedule => stepLR(spec).learningRate,
    properties: stepProperties,
  },
};

function output(
  { learningRate, momentum }: Required<TorchSchedules>,
  of: unknown = 'learningRate',
): Schedule {
  requireThat(of === 'learningRate' || of === 'momentum', 'fromSpec: of', of, 'learningRate or momentum');
  return of === 'momentum' ? momentum : learningRate;
}

function fromSpecs(specs: readonly ScheduleSpec[]): TorchSchedules[] {
  requireThat(Array.isArray(specs), 'fromSpec: schedulers', specs, 'a list');
  return specs.map((spec) => ({ learningRate: fromSpec(spec) }));
}
