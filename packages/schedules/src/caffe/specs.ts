import { requireThat } from '../checks.ts';
import type { Properties } from '../resolve-options.ts';
import { oneOf, type SpecType } from '../spec-type.ts';
import {
  cyclicalProperties,
  expRange,
  expRangeProperties,
  oneCycle,
  triangular,
  triangular2,
  type ExpRangeSpec,
  type OneCycleSpec,
  type Triangular2Spec,
  type TriangularSpec,
} from './cyclical.ts';
import {
  exp,
  expProperties,
  fixed,
  fixedProperties,
  inv,
  invProperties,
  multistep,
  multistepProperties,
  poly,
  polyProperties,
  sigmoid,
  sigmoidProperties,
  step,
  stepProperties,
  type ExpSpec,
  type FixedSpec,
  type InvSpec,
  type MultistepSpec,
  type PolySpec,
  type SigmoidSpec,
  type StepSpec,
} from './decay.ts';
import { momentumProperties, type CaffeSchedules, type CaffeSpecBase } from './policy.ts';

/** The specifications of Caffe's schedules. */
export type CaffeSpec =
  | ExpRangeSpec
  | ExpSpec
  | FixedSpec
  | InvSpec
  | MultistepSpec
  | OneCycleSpec
  | PolySpec
  | SigmoidSpec
  | StepSpec
  | Triangular2Spec
  | TriangularSpec;

/** Caffe's schedules. */
export const caffeSpecs: Readonly<Record<CaffeSpec['type'], SpecType>> = {
  'caffe.exp': policy(exp, expProperties),
  'caffe.expRange': policy(expRange, expRangeProperties),
  'caffe.fixed': policy(fixed, fixedProperties),
  'caffe.inv': policy(inv, invProperties),
  'caffe.multistep': policy(multistep, multistepProperties),
  'caffe.oneCycle': policy(oneCycle, cyclicalProperties),
  'caffe.poly': policy(poly, polyProperties),
  'caffe.sigmoid': policy(sigmoid, sigmoidProperties),
  'caffe.step': policy(step, stepProperties),
  'caffe.triangular': policy(triangular, cyclicalProperties),
  'caffe.triangular2': policy(triangular2, cyclicalProperties),
};

function policy(make: (options: never) => CaffeSchedules, properties: Properties): SpecType {
  return {
    create: (spec: CaffeSpecBase) => {
      const made = Object.entries(make(spec as never)).find(([name]) => name === spec.of)?.[1];
      requireThat(
        made !== undefined,
        'fromSpec: of',
        spec.of,
        'learningRate, or momentum where one is given',
      );
      return made as NonNullable<typeof made>;
    },
    properties: { of: oneOf(['learningRate', 'momentum']), ...properties, ...momentumProperties },
  };
}
