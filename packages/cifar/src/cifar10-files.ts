import { hash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cifar10, ImageDataset } from './dataset.ts';

/** The labels' names, in the order of the official `batches.meta.txt`. */
const classNames: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

export const bytesPerImage: number = 32 * 32 * 3;

/** The four arrays of CIFAR-10 as they lie in memory and on disk. */
export interface Cifar10Arrays {
  readonly trainImages: Uint8Array;
  readonly trainLabels: Uint8Array;
  readonly testImages: Uint8Array;
  readonly testLabels: Uint8Array;
}

/**
 * SHA-256 of each array: images `[N, 32, 32, 3]` row-major, one byte per label. Computed from the npm mirror, whose
 * pictures, written in the official record format, have the SHA-256 of all six files of the official archive
 * (`officialFiles` in official-records.ts).
 */
export const cifar10Files: Readonly<
  Record<keyof Cifar10Arrays, { name: string; bytes: number; sha256: string }>
> = {
  trainImages: {
    name: 'train-images.bin',
    bytes: 50_000 * 32 * 32 * 3,
    sha256: '47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a',
  },
  trainLabels: {
    name: 'train-labels.bin',
    bytes: 50_000,
    sha256: '2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253',
  },
  testImages: {
    name: 'test-images.bin',
    bytes: 10_000 * 32 * 32 * 3,
    sha256: 'f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04',
  },
  testLabels: {
    name: 'test-labels.bin',
    bytes: 10_000,
    sha256: 'cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5',
  },
};

const arrayNames: readonly (keyof Cifar10Arrays)[] = [
  'trainImages',
  'trainLabels',
  'testImages',
  'testLabels',
];

/** What is wrong with each array, one line per wrong one, naming `describe(array)`; empty when all are right. */
export function findWrongArrays(
  arrays: Cifar10Arrays,
  describe: (name: keyof Cifar10Arrays) => string = (name) => name,
): string[] {
  return arrayNames.flatMap((name) => {
    const { bytes, sha256 } = cifar10Files[name];
    const array = arrays[name];
    if (array.length !== bytes) return [`${describe(name)} has ${array.length} bytes instead of ${bytes}`];
    return hash('sha256', array) === sha256
      ? []
      : [`${describe(name)} has been altered (its SHA-256 is wrong)`];
  });
}

/**
 * Reads and verifies the four files of `folder`. `undefined` when there are none; otherwise either the arrays or one
 * line for every file that is missing, truncated or altered.
 */
export async function readCifar10Files(
  folder: string,
): Promise<{ arrays: Cifar10Arrays } | { problems: string[] } | undefined> {
  const sizes = await Promise.all(arrayNames.map((name) => sizeOf(join(folder, cifar10Files[name].name))));
  if (sizes.every((size) => size === undefined)) return undefined;
  const problems = arrayNames.flatMap((name, i) => {
    const { name: file, bytes } = cifar10Files[name];
    const size = sizes[i];
    if (size === undefined) return [`${join(folder, file)} is missing`];
    return size === bytes ? [] : [`${join(folder, file)} has ${size} bytes instead of ${bytes}`];
  });
  if (problems.length > 0) return { problems };
  const arrays = {
    trainImages: await readBytes(join(folder, cifar10Files.trainImages.name)),
    trainLabels: await readBytes(join(folder, cifar10Files.trainLabels.name)),
    testImages: await readBytes(join(folder, cifar10Files.testImages.name)),
    testLabels: await readBytes(join(folder, cifar10Files.testLabels.name)),
  };
  const wrong = findWrongArrays(arrays, (name) => join(folder, cifar10Files[name].name));
  return wrong.length > 0 ? { problems: wrong } : { arrays };
}

/** Writes the four files, and a `SHA256SUMS` for `sha256sum --check`, through `temporary` (same disk) into `folder`. */
export async function writeCifar10Files(
  arrays: Cifar10Arrays,
  folder: string,
  temporary: string,
): Promise<void> {
  const sums = arrayNames
    .map((name) => `${cifar10Files[name].sha256}  ${cifar10Files[name].name}\n`)
    .join('');
  const contents: [string, Uint8Array | string][] = [
    ...arrayNames.map((name): [string, Uint8Array] => [cifar10Files[name].name, arrays[name]]),
    ['SHA256SUMS', sums],
  ];
  for (const [name, content] of contents) {
    const file = await open(join(temporary, name), 'w');
    try {
      await file.writeFile(content);
      // A rename may reach the disk before the bytes do: after a power cut there would be an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const [name] of contents) await rename(join(temporary, name), join(folder, name));
}

/** Puts names and shapes to the arrays. */
export function asCifar10(arrays: Cifar10Arrays): Cifar10 {
  return {
    train: asDataset(arrays.trainImages, arrays.trainLabels),
    test: asDataset(arrays.testImages, arrays.testLabels),
  };
}

function asDataset(images: Uint8Array, labels: Uint8Array): ImageDataset {
  return {
    images,
    labels,
    numExamples: labels.length,
    imageShape: [32, 32, 3],
    numClasses: 10,
    classNames,
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A plain Uint8Array: a Buffer's `slice` shares memory, which would surprise whoever expects typed arrays. */
async function readBytes(path: string): Promise<Uint8Array> {
  const buffer = await readFile(path);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
