import {
  channelStatistics,
  createBatchSource,
  loadCifar10,
  splitIndices,
  subsetIndices,
} from '@superconvergence/cifar';
import type { BatchSource } from '@superconvergence/trainer';
import { BenchError } from '../errors.ts';
import { showDownload, type Progress } from '../progress.ts';

/** What a run trains and is judged on. */
export interface Data {
  /** Mirrored and cropped at random. */
  readonly train: BatchSource;
  /** Held out of the training images; empty only where no share was asked for. */
  readonly validation: BatchSource | undefined;
  /** The official 10,000 test images. */
  readonly test: BatchSource;
}

export interface DataOptions {
  /** Training images; a smaller set is part of a larger one of the same seed. Default: all that are not held out. */
  readonly trainSize?: number | undefined;
  /** Share of the 50,000 that is held out for validation. Default 0. */
  readonly validationShare?: number | undefined;
  /** Mirror and 4-pixel pad-crop. Default true. */
  readonly augmentation?: boolean | undefined;
  readonly progress: Progress;
}

/** The split and the subset are the same for every run, so that all runs of a comparison see the same images. */
const splitSeed = 0;

/** Loads CIFAR-10, fetching it on first use, and standardises it per channel by the images that are trained on. */
export async function loadData({
  trainSize,
  validationShare = 0,
  augmentation = true,
  progress,
}: DataOptions): Promise<Data> {
  const { train, test } = await loadCifar10({
    onProgress: ({ phase, message, bytes, total }) => {
      if (phase === 'warning') progress.note(`warning: ${message}`);
      else showDownload(progress, message, bytes, total);
    },
  });
  progress.clear();
  const split = splitIndices({ numExamples: train.numExamples, validationShare, seed: splitSeed });
  if (trainSize !== undefined && trainSize > split.train.length) {
    throw new BenchError(
      'usage',
      `--train-size ${trainSize} is more than the ${split.train.length} training images.`,
    );
  }
  const indices = subsetIndices({
    indices: split.train,
    size: trainSize ?? split.train.length,
    seed: splitSeed,
  });
  const { mean, std } = channelStatistics(train, indices);
  const augment = augmentation ? { padCrop: 4, mirror: true } : {};
  return {
    train: createBatchSource({ dataset: train, indices, mean, std, augmentation: augment }),
    validation:
      split.validation.length > 0
        ? createBatchSource({ dataset: train, indices: split.validation, mean, std, shuffle: false })
        : undefined,
    test: createBatchSource({ dataset: test, mean, std, shuffle: false }),
  };
}
