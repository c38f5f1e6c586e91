import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  CifarError,
  imageDataset,
  loadCifar10,
  loadCifar100,
  loadImageFolder,
  loadMnist,
  type ImageDataset,
  type OnProgress,
} from '@superconvergence/cifar';
import { decodeSafeTensors, SafeTensorsError, type SafeTensors } from '@superconvergence/safetensors';

/** What is trained on, and what is tested on. */
export interface Halves {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  /** Whether a mirrored image is still one of its class: not of digits. */
  readonly mayMirror: boolean;
}

export const ownDataForms =
  'a folder of PNG or JPEG pictures (train/CLASS and test/CLASS, or CLASS alone), of the four idx files of MNIST or ' +
  "Fashion-MNIST, or of CIFAR's .bin files; or a .safetensors file with trainImages [N, height, width, channels] uint8, " +
  'trainLabels [N], testImages and testLabels';

type OwnDataKind = 'pictures' | 'idx' | 'cifar-10' | 'cifar-100' | 'safetensors';

/** Files by which a folder is known, in it or where the published archive unpacks to. */
const marks: readonly (readonly [OwnDataKind, readonly string[]])[] = [
  [
    'idx',
    ['', 'MNIST/raw/'].flatMap((place) => ['', '.gz'].map((end) => `${place}train-images-idx3-ubyte${end}`)),
  ],
  ['cifar-10', ['data_batch_1.bin', 'cifar-10-batches-bin/data_batch_1.bin']],
  ['cifar-100', ['train.bin', 'cifar-100-binary/train.bin']],
];

/** What is at `path`; undefined where it is nothing that can be trained on. */
export function ownDataKind(path: string): OwnDataKind | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && path.endsWith('.safetensors')) return 'safetensors';
  if (!found?.isDirectory()) return undefined;
  const [kind] = marks.find(([, names]) => names.some((name) => existsSync(join(path, name)))) ?? [];
  return kind ?? 'pictures';
}

/**
 * Loads the user's own data.
 *
 * @param options.imageSize height and width that pictures are brought to
 * @throws CifarError where a file is missing, damaged or of no use, naming it
 */
export async function loadOwnData(
  path: string,
  { imageSize, onProgress }: { imageSize: number | undefined; onProgress: OnProgress },
): Promise<Halves> {
  switch (ownDataKind(path)) {
    case 'safetensors':
      return { ...(await loadArrays(path)), mayMirror: true };
    case 'idx':
      return { ...(await loadMnist({ directory: path, onProgress })), mayMirror: false };
    case 'cifar-10':
      return { ...(await loadCifar10({ directory: path, onProgress })), mayMirror: true };
    case 'cifar-100':
      return { ...(await loadCifar100({ directory: path, onProgress })), mayMirror: true };
    default:
      return { ...(await loadPictures(path, imageSize, onProgress)), mayMirror: true };
  }
}

async function loadPictures(path: string, size: number | undefined, onProgress: OnProgress) {
  try {
    return await loadImageFolder(path, { size, onProgress });
  } catch (error) {
    if (!(error instanceof CifarError)) throw error;
    const message = error.message
      .replace('give a size to bring them to', 'give --image-size to bring them to one size')
      .replace('give a smaller size', 'give a smaller --image-size');
    throw new CifarError(error.code, message, { cause: error });
  }
}

async function loadArrays(path: string): Promise<Pick<Halves, 'train' | 'test'>> {
  const file = await readTensors(path);
  try {
    const [train, test] = [arraysOf('train', file), arraysOf('test', file)];
    if (train.imageShape.join() !== test.imageShape.join()) {
      throw new RangeError('trainImages and testImages are of different sizes');
    }
    const classNames = classNamesOf(file, [...train.labels, ...test.labels]);
    const toDataset = (arrays: typeof train) => imageDataset({ ...arrays, classNames, name: basename(path) });
    return { train: toDataset(train), test: toDataset(test) };
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
    const message = `${path} cannot be trained on: ${cause.message}. Write it anew.`;
    throw new CifarError('unusable', message, { cause });
  }
}

function arraysOf(part: 'train' | 'test', { tensors }: SafeTensors) {
  const [images, labels] = [tensors[`${part}Images`], tensors[`${part}Labels`]];
  if (!images || !labels) throw new RangeError(`it has no ${part}${images ? 'Labels' : 'Images'}`);
  if (!(images.values instanceof Uint8Array) || images.shape.length !== 4) {
    throw new RangeError(`${part}Images must be uint8 [N, height, width, channels]`);
  }
  if (labels.values instanceof Float32Array || labels.shape.length !== 1) {
    throw new RangeError(`${part}Labels must be integers [N]`);
  }
  const [, height = 0, width = 0, channels = 0] = images.shape;
  const imageShape = [height, width, channels] as const;
  return { images: images.values, labels: Array.from(labels.values, Number), imageShape };
}

async function readTensors(path: string): Promise<SafeTensors> {
  try {
    return decodeSafeTensors(await readFile(path));
  } catch (cause) {
    if (!(cause instanceof SafeTensorsError) && !(cause as NodeJS.ErrnoException).code) throw cause;
    throw new CifarError('corrupt', `${path} cannot be read. ${(cause as Error).message}`, { cause });
  }
}

/** Those of the metadata, a JSON array; else the labels themselves. */
function classNamesOf({ metadata }: SafeTensors, labels: readonly number[]): string[] {
  if (metadata.classNames === undefined) {
    const largest = labels.reduce((a, b) => Math.max(a, b), 0);
    // What labels are allowed to be is checked with the names there are.
    return Array.from({ length: Math.min(largest + 1, 65_536) }, (_, label) => String(label));
  }
  const names: unknown = JSON.parse(metadata.classNames);
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new RangeError('its classNames must be a JSON array of strings');
}
