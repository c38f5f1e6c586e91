export { CifarError } from './errors.ts';
export type { CifarErrorCode } from './errors.ts';
export { loadCifar10 } from './load-cifar10.ts';
export type { LoadCifar10Options } from './load-cifar10.ts';
export { loadCifar100 } from './load-cifar100.ts';
export type { LoadCifar100Options } from './load-cifar100.ts';
export { loadImageFolder } from './load-image-folder.ts';
export type { ImageFolder, ImageFolderDataset, ImageFolderOptions } from './load-image-folder.ts';
export { loadMnist } from './load-mnist.ts';
export type { LoadMnistOptions } from './load-mnist.ts';
export type { CifarProgress, OnProgress } from './progress.ts';
export { cifarCacheFolder } from './published/cache-folder.ts';
export type { LoadOptions } from './published/load-published.ts';
export {
  augmentationDraws,
  channelStatistics,
  createBatchSource,
  epochOrder,
  imageDataset,
  meanImage,
  preprocessing,
  preprocessingNames,
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
  Cifar100,
  Cifar100Dataset,
  ImageDataset,
  ImageDatasetOptions,
  Mnist,
  Preprocessing,
  PreprocessingName,
  Split,
} from './batches.ts';
