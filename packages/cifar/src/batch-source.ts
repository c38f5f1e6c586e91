import { augmentationDraws, requireAugmentation } from './augmentation.ts';
import type { Augmentation } from './augmentation.ts';
import type { ImageDataset } from './dataset.ts';
import { epochOrder } from './epoch-order.ts';
import { countUp } from './permutation.ts';
import { writeStandardised } from './standardise.ts';
import type { Standardisation } from './standardise.ts';

/** Orders kept: the current epoch's and one more, for whoever prepares the next batch early. */
const maxCachedOrders = 2;

/** Some examples, ready to train on. */
export interface Batch {
  /** `[n, height, width, channels] float32`, augmented and standardised. */
  readonly images: Float32Array;
  /** `[n] int32` */
  readonly labels: Int32Array;
  /** `[n]`, where each example lies in the data set. */
  readonly indices: Uint32Array;
}

/** Which batch is wanted. */
export interface BatchRequest {
  /** Passes already finished: integer, 0 … 2³²−1. */
  epoch: number;
  /** Place in the epoch: integer, 0 … ceil(numExamples / batchSize) − 1. */
  index: number;
  /** Integer, at least 1. The last batch of an epoch is shorter when it does not divide the number of examples. */
  batchSize: number;
  /** Integer, 0 … 2⁵³−1. Decides order and augmentation. */
  seed: number;
}

/** Examples by batches, with random access: the same request always gives the same numbers. */
export interface BatchSource {
  readonly numExamples: number;
  readonly imageShape: readonly [number, number, number];
  readonly numClasses: number;
  batch(request: BatchRequest): Batch;
}

/** Options of {@link createBatchSource}. */
export interface BatchSourceOptions {
  dataset: ImageDataset;
  /** The examples to use. Default: all. */
  indices?: Uint32Array;
  /** One number for each channel, in units of 0 … 1, subtracted from it. Default 0. */
  mean?: readonly number[];
  /** One number for each channel, in units of 0 … 1, divided by. Default 1. */
  std?: readonly number[];
  /** `[height, width, channels]`, 0 … 1: subtracted pixel by pixel before the crop, instead of `mean`. */
  meanImage?: Float32Array;
  /** Default: none. */
  augmentation?: Augmentation;
  /** Visit the examples in another order in every epoch. `false`: in the order of `indices`. Default `true`. */
  shuffle?: boolean;
}

/**
 * Batches of a data set: `(pixel / 255 − mean) / std`, after pad-crop and mirror, before cutout.
 *
 * The border that pad-crop adds is black (0 before standardisation), as in torchvision's `RandomCrop` on a picture. With
 * `meanImage` it is 0 after standardisation: outside the picture there is no mean to subtract.
 *
 * Nothing is remembered between batches: a run that starts again at batch 7 of epoch 3 sees what it would have seen.
 * Order is decided by (seed, epoch), the augmentation of an example by (seed, epoch, its index in the data set).
 *
 * @throws {RangeError} for a value outside its range
 */
export function createBatchSource(options: BatchSourceOptions): BatchSource {
  const { dataset, augmentation = {}, shuffle = true } = options;
  const { imageShape, numClasses } = dataset;
  const examples = options.indices ?? countUp(dataset.numExamples);
  requireExamples(examples, dataset.numExamples);
  requireAugmentation(augmentation, imageShape);
  const standardisation = resolveStandardisation(options);
  const orders = new Map<string, Uint32Array>();

  function orderOf(epoch: number, seed: number): Uint32Array {
    if (!shuffle) return examples;
    const key = `${seed} ${epoch}`;
    const order = orders.get(key) ?? epochOrder({ indices: examples, epoch, seed });
    orders.set(key, order);
    for (const oldest of orders.keys()) {
      if (orders.size > maxCachedOrders) orders.delete(oldest);
    }
    return order;
  }

  return {
    numExamples: examples.length,
    imageShape,
    numClasses,
    batch({ epoch, index, batchSize, seed }) {
      requirePlace(index, batchSize, examples.length);
      const indices = orderOf(epoch, seed).slice(index * batchSize, (index + 1) * batchSize);
      const draws = augmentationDraws({ indices, epoch, seed, augmentation, imageShape });
      const cutout = augmentation.cutout ?? 0;
      const images = writeStandardised({ dataset, indices, draws, cutout, standardisation });
      const labels = Int32Array.from(indices, (example) => dataset.labels[example] ?? 0);
      return { images, labels, indices };
    },
  };
}

function requireExamples(examples: Uint32Array, numExamples: number): void {
  if (examples.length === 0) throw new RangeError('indices must hold at least one example; it is empty');
  for (const index of examples) {
    if (index >= numExamples) {
      throw new RangeError(`indices must be below the number of examples, ${numExamples}; got ${index}`);
    }
  }
}

function requirePlace(index: number, batchSize: number, numExamples: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be an integer, at least 1; got ${batchSize}`);
  }
  const numBatches = Math.ceil(numExamples / batchSize);
  if (!Number.isInteger(index) || index < 0 || index >= numBatches) {
    throw new RangeError(
      `index must be an integer from 0 to ${numBatches - 1} (${numExamples} examples, batches of ${batchSize}); ` +
        `got ${index}`,
    );
  }
}

function resolveStandardisation({ dataset, mean, std, meanImage }: BatchSourceOptions): Standardisation {
  const [height, width, numChannels] = dataset.imageShape;
  if (mean !== undefined && meanImage !== undefined)
    throw new TypeError('give either mean or meanImage, not both');
  if (meanImage !== undefined && meanImage.length !== height * width * numChannels) {
    throw new RangeError(
      `meanImage must hold ${height * width * numChannels} numbers, one a pixel and channel; got ${meanImage.length}`,
    );
  }
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values !== undefined && (values.length !== numChannels || !values.every(Number.isFinite))) {
      throw new RangeError(
        `${name} must hold ${numChannels} finite numbers, one a channel; got [${values.join(', ')}]`,
      );
    }
  }
  if (std?.some((value) => value <= 0)) {
    throw new RangeError(`std must be above 0 in every channel; got [${std.join(', ')}]`);
  }
  return {
    mean: mean ?? Array.from({ length: numChannels }, () => 0),
    std: std ?? Array.from({ length: numChannels }, () => 1),
    meanImage,
  };
}
