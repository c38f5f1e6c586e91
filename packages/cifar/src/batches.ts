/** The half of the package that needs no Node: splits, batches, augmentation, statistics. */
export { augmentationDraws } from './augmentation.ts';
export type { Augmentation, AugmentationDraws } from './augmentation.ts';
export { createBatchSource } from './batch-source.ts';
export type { Batch, BatchRequest, BatchSource, BatchSourceOptions } from './batch-source.ts';
export type {
  ByteLabelledDataset,
  Cifar10,
  Cifar100,
  Cifar100Dataset,
  ImageDataset,
  Mnist,
} from './dataset.ts';
export { epochOrder } from './epoch-order.ts';
export { imageDataset } from './image-dataset.ts';
export type { ImageDatasetOptions } from './image-dataset.ts';
export { preprocessing, preprocessingNames } from './preprocessing.ts';
export type { Preprocessing, PreprocessingName } from './preprocessing.ts';
export { splitIndices, subsetIndices } from './split.ts';
export type { Split } from './split.ts';
export { channelStatistics, meanImage } from './statistics.ts';
export type { ChannelStatistics } from './statistics.ts';
