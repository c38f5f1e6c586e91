export {
  expRange,
  oneCycle,
  triangular,
  triangular2,
  type CyclicalOptions,
  type ExpRangeOptions,
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
  type FixedOptions,
  type InvOptions,
  type MultistepOptions,
  type PolyOptions,
  type SigmoidOptions,
  type StepOptions,
} from './decay.ts';
export { fromSolver, type CaffeSolver } from './from-solver.ts';
export type { CaffeMomentumOptions, CaffeSchedules } from './policy.ts';
export { caffeSpecs, type CaffeSpec } from './specs.ts';
