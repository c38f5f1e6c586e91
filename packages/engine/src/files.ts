import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngineError } from './errors.ts';
import { formatBytes } from './progress.ts';

/** Ending of unfinished folders: whoever holds the install lock may delete them. */
const unfinished = '.partial';

/** Digest of a file's bytes, read as a stream. */
export async function hashFile(path: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Promise<Buffer> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest();
}

/** A new folder inside `parent` for work that may be cut off. */
export async function makePartialFolder(parent: string): Promise<string> {
  const folder = join(parent, randomUUID() + unfinished);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Deletes what earlier, cut-off installations left in `parent`. */
export async function removePartialFolders(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((name) => name.endsWith(unfinished))) {
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Puts a finished folder in place of `target`, whose old content (if any) is deleted. */
export async function replaceFolder(finished: string, target: string): Promise<void> {
  const old = join(target, '..', randomUUID() + unfinished);
  if (existsSync(target)) await rename(target, old);
  await rename(finished, target);
  await rm(old, { recursive: true, force: true });
}

/** Size of a file, or of all files in a folder; 0 for what isn't there. */
export async function sizeOf(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) return info.size;
    const names = await readdir(path);
    const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return 0; // Deleted between listing and looking.
  }
}

/**
 * Makes sure that `bytes` more fit on the disk of `folder`.
 *
 * @throws {EngineError} `disk-full`
 */
export async function checkDiskSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < bytes) {
    throw new EngineError(
      'disk-full',
      `The engine needs ${formatBytes(bytes)} under ${folder}, where ${formatBytes(free)} are free`,
    );
  }
}

/** Bytes that this user may still write on the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
