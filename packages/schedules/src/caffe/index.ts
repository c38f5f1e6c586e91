export {
  expRange,
  oneCycle,
  triangular,
  triangular2,
  type CyclicalOptions,
  type ExpRangeOptions,
  type ExpRangeSpec,
  type OneCycleSpec,
  type Triangular2Spec,
  type TriangularSpec,
} from './cyclical.ts';
export {
  exp,
  fixed,
  inv,
  multistep,
  poly,
  sigmoid,
  step,
  type ExpOptions,
  type ExpSpec,
  type FixedOptions,
  type FixedSpec,
  type InvOptions,
  type InvSpec,
  type MultistepOptions,
  type MultistepSpec,
  type PolyOptions,
  type PolySpec,
  type SigmoidOptions,
  type SigmoidSpec,
  type StepOptions,
  type StepSpec,
} from './decay.ts';
export { fromSolver, type CaffeSolver } from './from-solver.ts';
export type { CaffeMomentumOptions, CaffeSchedules } from './policy.ts';
export { caffeSpecs, type CaffeSpec } from './specs.ts';
