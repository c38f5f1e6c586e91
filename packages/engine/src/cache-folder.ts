import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/**
 * Folder in which the engine keeps TensorFlow: `engine` below the cache root of all @superconvergence packages.
 * The root is the SUPERCONVERGENCE_CACHE environment variable, else the system's cache folder
 * (Linux: `$XDG_CACHE_HOME/superconvergence`, usually `~/.cache/superconvergence`).
 *
 * @param cacheDir the engine's own folder, instead of the above
 */
export function engineCacheFolder(cacheDir?: string): string {
  if (cacheDir !== undefined && cacheDir !== '') return resolve(cacheDir);
  const root = process.env.SUPERCONVERGENCE_CACHE;
  return join(
    root !== undefined && root !== '' ? resolve(root) : envPaths('superconvergence', { suffix: '' }).cache,
    'engine',
  );
}
