import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { gunzip } from '../parsers/gunzip.ts';
import { parseIdx } from '../parsers/parse-idx.ts';
import { readFirstFile } from './inner-file.ts';
import type { Archive, Arrays, Recipe, Watch } from './recipe.ts';

export type MnistArray = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';
const arrayNames = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;

const side = 28;
const numClasses = 10;
/** A header of three dimensions. */
const mostHeaderBytes = 16;
/** In a folder of the user's: more than a million pictures. */
const mostUnpackedBytes = 1e9;

/** The four files without `.gz`, in the order of {@link arrayNames}. */
const fileNames: Readonly<Record<MnistArray, string>> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

/** What is published, and where. Tests make smaller ones. */
export interface MnistPublication {
  readonly numTrain: number;
  readonly numTest: number;
  readonly archives: Readonly<Record<MnistArray, Archive>>;
  readonly mirrors: readonly [string, ...string[]];
}

/**
 * The authors' files at the two mirrors that TensorFlow and torchvision use, with the MD5 sums that torchvision pins and
 * the SHA-256 sums that TensorFlow Datasets pins.
 *
 * @see http://yann.lecun.com/exdb/mnist/
 */
export const officialMnist: MnistPublication = {
  numTrain: 60_000,
  numTest: 10_000,
  archives: {
    trainImages: {
      fileName: `${fileNames.trainImages}.gz`,
      bytes: 9_912_422,
      digests: {
        md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      },
    },
    trainLabels: {
      fileName: `${fileNames.trainLabels}.gz`,
      bytes: 28_881,
      digests: {
        md5: 'd53e105ee54ea40749a09fcbcd1e9432',
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      },
    },
    testImages: {
      fileName: `${fileNames.testImages}.gz`,
      bytes: 1_648_877,
      digests: {
        md5: '9fb629c4189551a2d022fa330f9573f3',
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      },
    },
    testLabels: {
      fileName: `${fileNames.testLabels}.gz`,
      bytes: 4_542,
      digests: {
        md5: 'ec29112dd5afa0611ce80d1b7f02629c',
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      },
    },
  },
  mirrors: [
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
  ],
};

/** How MNIST comes into the cache. The sums of the arrays are noted there when it is filled. */
export function mnistRecipe(publication: MnistPublication): Recipe<MnistArray> {
  const { numTrain, numTest, archives, mirrors } = publication;
  return {
    title: 'MNIST',
    folder: 'mnist',
    files: mnistFiles(numTrain, numTest),
    sources: [
      {
        kind: 'official',
        mirrors,
        archives: arrayNames.map((name) => archives[name]),
        decode: (folder, watch) => decodeArchives(folder, publication, watch),
      },
    ],
    directoryFiles: `the files ${Object.values(fileNames).join(', ')} (or with .gz)`,
  };
}

/** The four arrays in the cache, without their sums. */
export function mnistFiles(numTrain: number, numTest: number): Recipe<MnistArray>['files'] {
  return {
    trainImages: { file: 'train-images.bin', bytes: numTrain * side * side },
    trainLabels: { file: 'train-labels.bin', bytes: numTrain },
    testImages: { file: 'test-images.bin', bytes: numTest * side * side },
    testLabels: { file: 'test-labels.bin', bytes: numTest },
  };
}

/**
 * Reads the four idx files of a folder, or of `MNIST/raw` in it, where torchvision keeps them; plain or `.gz`. Their form
 * is checked, not that they are MNIST's: Fashion-MNIST and others have the same names.
 *
 * @throws {CifarError} `missing` or `corrupt`, naming the file
 */
export async function readMnistFolder(folder: string): Promise<Arrays<MnistArray>> {
  const read = async (name: MnistArray): Promise<[MnistArray, Uint8Array]> => {
    const base = fileNames[name];
    const found = await readFirstFile(
      [folder, join(folder, 'MNIST', 'raw')].flatMap((place) => [
        join(place, base),
        join(place, `${base}.gz`),
      ]),
    );
    if (!found) {
      throw new CifarError(
        'missing',
        `${join(folder, base)} is not there, nor with .gz. The folder must hold the four idx files of MNIST.`,
      );
    }
    const { path, bytes } = found;
    return [
      name,
      parseArray(name, path.endsWith('.gz') ? gunzip(bytes, path, mostUnpackedBytes) : bytes, path),
    ];
  };
  const arrays = Object.fromEntries(await Promise.all(arrayNames.map(read))) as Arrays<MnistArray>;
  for (const part of ['train', 'test'] as const) {
    const numImages = arrays[`${part}Images`].length / (side * side);
    const numLabels = arrays[`${part}Labels`].length;
    if (numImages !== numLabels || numLabels === 0) {
      throw new CifarError(
        'corrupt',
        `${join(folder, fileNames[`${part}Images`])} has ${numImages} pictures, and ${fileNames[`${part}Labels`]} has ` +
          `${numLabels} labels.`,
      );
    }
  }
  return arrays;
}

async function decodeArchives(
  folder: string,
  { archives, numTrain, numTest }: MnistPublication,
  { onProgress }: Watch,
): Promise<Arrays<MnistArray>> {
  const files = mnistFiles(numTrain, numTest);
  const read = async (name: MnistArray): Promise<[MnistArray, Uint8Array]> => {
    const { fileName } = archives[name];
    const packed = await readFile(join(folder, fileName));
    const bytes = gunzip(packed, fileName, files[name].bytes + mostHeaderBytes);
    onProgress({ phase: 'decode', source: 'official', message: `decoding MNIST: ${fileName}` });
    return [name, parseArray(name, bytes, fileName)];
  };
  return Object.fromEntries(await Promise.all(arrayNames.map(read))) as Arrays<MnistArray>;
}

function parseArray(name: MnistArray, bytes: Uint8Array, label: string): Uint8Array {
  const { shape, data } = parseIdx(bytes, label);
  if (name === 'trainImages' || name === 'testImages') {
    if (shape.length !== 3 || shape[1] !== side || shape[2] !== side) {
      throw new CifarError('corrupt', `${label} has the shape ${shape.join(' × ')} instead of N × 28 × 28.`);
    }
  } else {
    const wrong = data.findIndex((value) => value >= numClasses);
    if (shape.length !== 1 || wrong >= 0) {
      throw new CifarError('corrupt', `${label} is not a list of labels from 0 to 9.`);
    }
  }
  // A copy of its own: a Buffer's `slice` would share memory.
  return new Uint8Array(data);
}
