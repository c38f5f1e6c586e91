import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CifarError } from '../errors.ts';
import type { Archive, Watch } from './recipe.ts';

/**
 * Checks the size and the digests of the file at `path`.
 *
 * @throws {CifarError} `integrity`, naming the file
 */
export async function verifyArchive(
  path: string,
  archive: Archive,
  { source, onProgress, signal }: Watch & { source: 'npm' | 'official' },
): Promise<void> {
  onProgress({ phase: 'verify', source, message: `verifying ${archive.fileName}` });
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
