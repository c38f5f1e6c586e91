export { constantSchedule, type ConstantScheduleOptions, type ConstantScheduleSpec } from './constant.ts';
export {
  cosineDecaySchedule,
  type CosineDecayScheduleOptions,
  type CosineDecayScheduleSpec,
} from './cosine-decay.ts';
export {
  exponentialDecay,
  type ExponentialDecayOptions,
  type ExponentialDecaySpec,
} from './exponential-decay.ts';
export {
  joinSchedules,
  sgdrSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
  type JoinSchedulesOptions,
  type JoinSchedulesSpec,
  type SgdrScheduleOptions,
  type SgdrScheduleSpec,
  type WarmupCosineDecayScheduleOptions,
  type WarmupCosineDecayScheduleSpec,
  type WarmupExponentialDecayScheduleOptions,
  type WarmupExponentialDecayScheduleSpec,
} from './join.ts';
export {
  cosineOnecycleSchedule,
  linearOnecycleSchedule,
  type CosineOnecycleScheduleOptions,
  type CosineOnecycleScheduleSpec,
  type LinearOnecycleScheduleOptions,
  type LinearOnecycleScheduleSpec,
} from './onecycle.ts';
export {
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  type PiecewiseConstantScheduleOptions,
  type PiecewiseConstantScheduleSpec,
  type PiecewiseInterpolateScheduleOptions,
  type PiecewiseInterpolateScheduleSpec,
} from './piecewise.ts';
export {
  linearSchedule,
  polynomialSchedule,
  warmupConstantSchedule,
  type LinearScheduleOptions,
  type LinearScheduleSpec,
  type PolynomialScheduleOptions,
  type PolynomialScheduleSpec,
  type WarmupConstantScheduleOptions,
  type WarmupConstantScheduleSpec,
} from './polynomial.ts';
export { optaxSpecs, type OptaxSpec } from './specs.ts';
