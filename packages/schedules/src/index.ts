export { clamp, type ClampOptions, type ClampSpec } from './combinators/clamp.ts';
export { extendTo, type ExtendToOptions, type ExtendToSpec } from './combinators/extend-to.ts';
export { fromFunction, map } from './combinators/from-function.ts';
export { perEpoch, type PerEpochSpec } from './combinators/per-epoch.ts';
export { repeat, type RepeatOptions, type RepeatSpec } from './combinators/repeat.ts';
export { scale, type ScaleSpec } from './combinators/scale.ts';
export { sequence, type SequencePart, type SequenceSpec } from './combinators/sequence.ts';
export { shift, type ShiftSpec } from './combinators/shift.ts';
export { stretch, type StretchSpec } from './combinators/stretch.ts';
export { constant, type ConstantOptions, type ConstantSpec } from './constant.ts';
export { cosineRestarts, type CosineRestartsOptions, type CosineRestartsSpec } from './cosine-restarts.ts';
export { cyclic, type CyclicOptions, type CyclicSpec } from './cyclic.ts';
export {
  cosine,
  inverseSquareRoot,
  inverseTime,
  polynomial,
  stepDecay,
  type CosineOptions,
  type CosineSpec,
  type InverseSquareRootOptions,
  type InverseSquareRootSpec,
  type InverseTimeOptions,
  type InverseTimeSpec,
  type PolynomialOptions,
  type PolynomialSpec,
  type StepDecayOptions,
  type StepDecaySpec,
} from './decays.ts';
export {
  estimateLearningRate,
  smoothEstimates,
  type EstimateLearningRateOptions,
  type SmoothEstimatesOptions,
  type Snapshot,
} from './estimate-learning-rate.ts';
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
export {
  planOneCycle,
  stepSizeBounds,
  stepsPerEpoch,
  type OneCyclePlan,
  type PlanOneCycleOptions,
  type StepsPerEpochOptions,
} from './planning.ts';
export {
  rangeTestSchedule,
  type RangeTestScheduleOptions,
  type RangeTestScheduleSpec,
} from './range-test-schedule.ts';
export type { Schedule, ScheduleSpec } from './schedule.ts';
export type { JsonSchema, SpecType, SpecTypes } from './spec-type.ts';
export { triangular, type TriangularOptions, type TriangularSpec } from './triangular.ts';
export {
  flatThenCosine,
  warmUpStableDecay,
  type FlatThenCosineOptions,
  type FlatThenCosineSpec,
  type WarmUpStableDecayOptions,
  type WarmUpStableDecaySpec,
} from './warm-up-stable-decay.ts';
export { warmUp, type WarmUpOptions, type WarmUpSpec } from './warm-up.ts';
export {
  analyzeRangeTest,
  type AnalyzeRangeTestOptions,
  type RangeTestAnalysis,
} from './range-test/analyze-range-test.ts';
export type { RangeTestCurve, RangeTestCurvePoint, RateAndLoss } from './range-test/curve.ts';
export {
  fastaiMinimum,
  fastaiSlide,
  fastaiSteep,
  fastaiValley,
  type FastaiSuggestion,
} from './range-test/fastai-rules.ts';
export { largestConvergingRate, type ShortRun } from './range-test/largest-converging-rate.ts';
export {
  rangeTestStop,
  type RangeTestStop,
  type RangeTestStopOptions,
} from './range-test/range-test-stop.ts';
export type { NoSuggestion, RateRange, RateSuggestion } from './range-test/rate-suggestion.ts';
export { smoothLosses, type SmoothLossesOptions } from './range-test/smooth-losses.ts';
export { suggestLearningRates, type LearningRateSuggestion } from './range-test/suggest-learning-rates.ts';
