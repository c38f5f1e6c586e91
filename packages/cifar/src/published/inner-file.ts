import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';

/**
 * Reads a file that lies in the given folder, or in the folder in it that the published archive unpacks to.
 *
 * @param options.wanted what the folder must hold, for the error
 * @throws {CifarError} `missing` or `corrupt`, naming the file
 */
export async function readInnerFile(
  folder: string,
  { name, inner, wanted }: { name: string; inner: string; wanted: string },
): Promise<{ path: string; bytes: Uint8Array }> {
  const found = await readFirstFile([join(folder, name), join(folder, inner, name)]);
  if (found) return found;
  throw new CifarError('missing', `${join(folder, name)} is not there. The folder must hold ${wanted}.`);
}

/**
 * Reads the first of `paths` that exists; `undefined` when none does.
 *
 * @throws {CifarError} `corrupt` for one that exists and cannot be read
 */
export async function readFirstFile(
  paths: readonly string[],
): Promise<{ path: string; bytes: Uint8Array } | undefined> {
  for (const path of paths) {
    try {
      return { path, bytes: await readFile(path) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      throw new CifarError('corrupt', `${path} cannot be read: ${message}`, { cause: error });
    }
  }
  return undefined;
}
