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
export { parameterMultipliers, type Multipliers } from './parameter-multipliers.ts';
export { pytorchFormats, type PytorchFormat } from './pytorch-weights/pytorch-names.ts';
export type { RandomGenerator } from './random-generator.ts';
export { registerLayers } from './layers/register-layers.ts';
export { summarise, type LayerSummary, type ModelSummary } from './summarise.ts';
