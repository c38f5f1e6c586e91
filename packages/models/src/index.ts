export { createModel, type CreateModelOptions } from './create-model.ts';
export { exportPytorchWeights } from './pytorch-weights/export-pytorch-weights.ts';
export { importPytorchWeights } from './pytorch-weights/import-pytorch-weights.ts';
export {
  dirac,
  glorot,
  msra,
  normal,
  orthogonal,
  scaled,
  torchDefault,
  uniform,
  xavier,
  type Initialiser,
  type MsraOptions,
} from './initialisers.ts';
export { initialiseWeights } from './initial-weights.ts';
export {
  modelNames,
  modelVariant,
  type ModelFamily,
  type ModelName,
  type ModelVariant,
} from './model-table.ts';
export {
  BatchNormalization,
  BatchStatisticsNormalization,
  type BatchNormalizationOptions,
} from './layers/batch-normalization.ts';
export { caffePool, type CaffePoolOptions } from './layers/caffe-pool.ts';
export { Convolution2D, type Convolution2DOptions } from './layers/convolution.ts';
export { Dropout, type DropoutOptions } from './layers/dropout.ts';
export { GroupedConvolution2D, type GroupedConvolution2DOptions } from './layers/grouped-convolution.ts';
export type { LayerOptions } from './layers/layer-options.ts';
export {
  LocalResponseNormalization,
  type LocalResponseNormalizationOptions,
} from './layers/local-response-normalization.ts';
export { ReLU } from './layers/relu.ts';
export { ScalarBias, ScalarScale } from './layers/scalars.ts';
export { zeroChannels } from './layers/zero-channels.ts';
export { parameterMultipliers, type Multipliers } from './parameter-multipliers.ts';
export { pytorchFormats, type PytorchFormat } from './pytorch-weights/pytorch-names.ts';
export type { RandomGenerator } from './random-generator.ts';
export { registerLayers } from './layers/register-layers.ts';
export { summarise, type LayerSummary, type ModelSummary } from './summarise.ts';
