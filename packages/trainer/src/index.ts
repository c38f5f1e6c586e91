export { adamW, type AdamWOptions } from './adam-w.ts';
export type { Batch, BatchRequest, BatchSource } from './batch-source.ts';
export { dropoutSeed } from './dropout-seed.ts';
export { TrainerError, type TrainerErrorCode } from './errors.ts';
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.ts';
export {
  modelVariables,
  nonTrainableVariables,
  trainableVariables,
  type NamedVariable,
} from './model-variables.ts';
export { decayEverything, decayKernels, type ParameterMultipliers } from './parameter-multipliers.ts';
export { rangeTest, type RangeTestOptions, type RangeTestPoint, type RangeTestResult } from './range-test.ts';
export { recalibrateBatchNorm, type RecalibrateBatchNormOptions } from './recalibrate-batch-norm.ts';
export { sgd, type Optimizer, type OptimizerFactory, type SgdOptions, type UpdateScalars } from './sgd.ts';
export { train, type Scheduled, type TrainEvent, type TrainOptions } from './train.ts';
export { readVariables, writeVariables, type TrainingState } from './training-state.ts';
export {
  lossAndGradients,
  trainingStep,
  type LossAndGradients,
  type StepInputs,
  type TrainingStep,
  type TrainingStepOptions,
} from './training-step.ts';
