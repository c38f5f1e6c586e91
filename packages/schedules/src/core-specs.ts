import { constant } from './constant.ts';
import { cosineRestarts, cosineRestartsProperties } from './cosine-restarts.ts';
import { cyclic, cyclicProperties, type CyclicSpec } from './cyclic.ts';
import {
  cosine,
  cosineProperties,
  inverseSquareRoot,
  inverseSquareRootProperties,
  inverseTime,
  inverseTimeProperties,
  polynomial,
  polynomialProperties,
  stepDecay,
  stepDecayProperties,
} from './decays.ts';
import { exponential } from './exponential.ts';
import { linear } from './linear.ts';
import { multiStep } from './multi-step.ts';
import { oneCycle } from './one-cycle.ts';
import { interpolations, piecewise } from './piecewise.ts';
import { rangeTestSchedule, rangeTestScheduleProperties } from './range-test-schedule.ts';
import {
  count,
  listOf,
  nonNegative,
  number,
  oneOf,
  positive,
  scheduleSpec,
  type SpecType,
} from './spec-type.ts';
import { triangular } from './triangular.ts';
import {
  flatThenCosine,
  flatThenCosineProperties,
  warmUpStableDecay,
  warmUpStableDecayProperties,
} from './warm-up-stable-decay.ts';
import { warmUp, type WarmUpSpec } from './warm-up.ts';

const belowOne = { ...nonNegative, exclusiveMaximum: 1 };

/** The schedules themselves. */
export const coreSpecs: Readonly<Record<string, SpecType>> = {
  constant: { create: constant, properties: { value: nonNegative } },
  cosine: { create: cosine, properties: cosineProperties },
  cosineRestarts: { create: cosineRestarts, properties: cosineRestartsProperties },
  cyclic: {
    create: ({ amplitude, ...rest }: CyclicSpec, read) =>
      cyclic({ ...rest, ...(amplitude && { amplitude: read(amplitude) }) }),
    properties: { ...cyclicProperties, 'amplitude?': scheduleSpec },
  },
  exponential: { create: exponential, properties: { from: positive, to: positive, steps: count } },
  flatThenCosine: { create: flatThenCosine, properties: flatThenCosineProperties },
  inverseSquareRoot: { create: inverseSquareRoot, properties: inverseSquareRootProperties },
  inverseTime: { create: inverseTime, properties: inverseTimeProperties },
  linear: { create: linear, properties: cosineProperties },
  multiStep: {
    create: multiStep,
    properties: { initial: nonNegative, factor: positive, milestones: listOf(count) },
  },
  oneCycle: {
    create: oneCycle,
    properties: {
      totalSteps: count,
      maxLearningRate: positive,
      'minLearningRate?': nonNegative,
      'finalLearningRate?': nonNegative,
      'cycleShare?': { ...positive, maximum: 1 },
      'maxMomentum?': belowOne,
      'minMomentum?': belowOne,
    },
  },
  piecewise: {
    create: piecewise,
    properties: {
      knots: {
        ...listOf({
          type: 'object',
          properties: { step: number, value: nonNegative },
          required: ['step', 'value'],
          additionalProperties: false,
        }),
        minItems: 1,
      },
      'interpolation?': oneOf(interpolations),
    },
  },
  polynomial: { create: polynomial, properties: polynomialProperties },
  rangeTestSchedule: { create: rangeTestSchedule, properties: rangeTestScheduleProperties },
  stepDecay: { create: stepDecay, properties: stepDecayProperties },
  triangular: {
    create: triangular,
    properties: { minimum: nonNegative, maximum: nonNegative, stepSize: count, 'cycles?': count },
  },
  warmUp: {
    create: (spec: WarmUpSpec, read) => warmUp(read(spec.schedule), spec),
    properties: { schedule: scheduleSpec, steps: count, 'from?': nonNegative },
  },
  warmUpStableDecay: { create: warmUpStableDecay, properties: warmUpStableDecayProperties },
};
