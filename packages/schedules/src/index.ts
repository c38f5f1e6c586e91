export { constant, type ConstantOptions, type ConstantSpec } from './constant.ts';
export { exponential, type ExponentialOptions, type ExponentialSpec } from './exponential.ts';
export { fromSpec } from './from-spec.ts';
export { linear, type LinearOptions, type LinearSpec } from './linear.ts';
export { multiStep, type MultiStepOptions, type MultiStepSpec } from './multi-step.ts';
export { oneCycle, type OneCycle, type OneCycleOptions, type OneCycleSpec } from './one-cycle.ts';
export {
  piecewise,
  type Interpolation,
  type Knot,
  type PiecewiseOptions,
  type PiecewiseSpec,
} from './piecewise.ts';
export type { Schedule, ScheduleSpec } from './schedule.ts';
export { triangular, type TriangularOptions, type TriangularSpec } from './triangular.ts';
