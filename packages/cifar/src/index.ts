export { cifarCacheFolder } from './published/cache-folder.ts';
export { CifarError } from './errors.ts';
export type { CifarErrorCode } from './errors.ts';
export { loadCifar10 } from './load-cifar10.ts';
export type { LoadCifar10Options } from './load-cifar10.ts';
export type { CifarProgress, OnProgress } from './progress.ts';
export {
  augmentationDraws,
  channelStatistics,
  createBatchSource,
  epochOrder,
  meanImage,
  splitIndices,
  subsetIndices,
} from './batches.ts';
export type {
  Augmentation,
  AugmentationDraws,
  Batch,
  BatchRequest,
  BatchSource,
  BatchSourceOptions,
  ChannelStatistics,
  ByteLabelledDataset,
  Cifar10,
  ImageDataset,
  Split,
} from './batches.ts';
