export { createModel, type CreateModelOptions } from './create-model.ts';
export { modelNames, modelVariant, type ModelName, type ModelVariant } from './model-table.ts';
export { summarise, type LayerSummary, type ModelSummary } from './summarise.ts';
