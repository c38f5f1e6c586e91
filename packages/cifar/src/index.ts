export { cifarCacheFolder } from './cache-folder.ts';
export { CifarError } from './errors.ts';
export type { CifarErrorCode } from './errors.ts';
export { loadCifar10 } from './load-cifar10.ts';
export type { LoadCifar10Options } from './load-cifar10.ts';
export type { CifarProgress, OnProgress } from './progress.ts';
export type { Cifar10, ImageDataset } from './dataset.ts';
