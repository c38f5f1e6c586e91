import { constant } from './constant.ts';
import { exponential } from './exponential.ts';
import { linear } from './linear.ts';
import { multiStep } from './multi-step.ts';
import { oneCycle } from './one-cycle.ts';
import { interpolations, piecewise } from './piecewise.ts';
import { count, listOf, nonNegative, number, oneOf, positive, type SpecType } from './spec-type.ts';
import { triangular } from './triangular.ts';

const fromTo = { from: nonNegative, to: nonNegative, steps: count };
const belowOne = { ...nonNegative, exclusiveMaximum: 1 };

/** The schedules themselves. */
export const coreSpecs: Readonly<Record<string, SpecType>> = {
  constant: { create: constant, properties: { value: nonNegative } },
  exponential: { create: exponential, properties: { from: positive, to: positive, steps: count } },
  linear: { create: linear, properties: fromTo },
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
  triangular: {
    create: triangular,
    properties: { minimum: nonNegative, maximum: nonNegative, stepSize: count, 'cycles?': count },
  },
};
