import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesPerImage, cifar10Files } from './cifar10-files.ts';
import type { Cifar10Arrays } from './cifar10-files.ts';
import { CifarError } from './errors.ts';

/**
 * The files of the official binary version and their SHA-256. Each holds 10,000 records: one byte label, 1,024 bytes
 * red, 1,024 green, 1,024 blue, row-major.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const officialFiles: readonly { name: string; sha256: string }[] = [
  { name: 'data_batch_1.bin', sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5' },
  { name: 'data_batch_2.bin', sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed' },
  { name: 'data_batch_3.bin', sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67' },
  { name: 'data_batch_4.bin', sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48' },
  { name: 'data_batch_5.bin', sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add' },
  { name: 'test_batch.bin', sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b' },
];

export const recordsPerFile = 10_000;
const pixelsPerImage = 32 * 32;
const bytesPerRecord = 1 + bytesPerImage;

/**
 * Reads CIFAR-10 from a folder of the official binary files, or from the folder that holds `cifar-10-batches-bin`.
 *
 * @throws {CifarError} `missing` or `corrupt`, naming the file
 */
export async function readOfficialFolder(folder: string): Promise<Cifar10Arrays> {
  const arrays = emptyCifar10();
  for (const { name, sha256 } of officialFiles) {
    const { path, bytes } = await readFirst([join(folder, name), join(folder, 'cifar-10-batches-bin', name)]);
    if (bytes.length !== recordsPerFile * bytesPerRecord) {
      throw new CifarError(
        'corrupt',
        `${path} has ${bytes.length} bytes instead of ${recordsPerFile * bytesPerRecord}: copy it again.`,
      );
    }
    if (hash('sha256', bytes) !== sha256) {
      throw new CifarError(
        'corrupt',
        `${path} is not the official file (its SHA-256 is wrong): copy it again.`,
      );
    }
    placeRecords(name, bytes, arrays);
  }
  return arrays;
}

/** Arrays of the right size for {@link placeRecords} to fill. */
export function emptyCifar10(): Cifar10Arrays {
  return {
    trainImages: new Uint8Array(cifar10Files.trainImages.bytes),
    trainLabels: new Uint8Array(cifar10Files.trainLabels.bytes),
    testImages: new Uint8Array(cifar10Files.testImages.bytes),
    testLabels: new Uint8Array(cifar10Files.testLabels.bytes),
  };
}

/** Decodes one official file into its place. `name` is one of {@link officialFiles}. */
export function placeRecords(name: string, records: Uint8Array, arrays: Cifar10Arrays): void {
  const position = officialFiles.findIndex((file) => file.name === name);
  const isTest = name === 'test_batch.bin';
  const images = isTest ? arrays.testImages : arrays.trainImages;
  const labels = isTest ? arrays.testLabels : arrays.trainLabels;
  const first = isTest ? 0 : position * recordsPerFile;
  for (let i = 0; i < recordsPerFile; i++) {
    const record = i * bytesPerRecord;
    labels[first + i] = records[record] ?? 0;
    let target = (first + i) * bytesPerImage;
    for (let pixel = record + 1; pixel <= record + pixelsPerImage; pixel++) {
      images[target++] = records[pixel] ?? 0;
      images[target++] = records[pixel + pixelsPerImage] ?? 0;
      images[target++] = records[pixel + 2 * pixelsPerImage] ?? 0;
    }
  }
}

async function readFirst(paths: string[]): Promise<{ path: string; bytes: Uint8Array }> {
  for (const path of paths) {
    try {
      return { path, bytes: await readFile(path) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new CifarError('corrupt', `${path} cannot be read: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
  throw new CifarError(
    'missing',
    `${paths[0] ?? ''} is not there. The folder must hold the six .bin files of CIFAR-10's binary version.`,
  );
}
