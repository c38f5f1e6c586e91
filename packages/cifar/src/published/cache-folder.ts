import { join } from 'node:path';
import envPaths from 'env-paths';

/**
 * The folder that holds the data: `$SUPERCONVERGENCE_CACHE/cifar`, or `cifar` in the operating system's cache folder
 * for `superconvergence` (on Linux `~/.cache/superconvergence/cifar`).
 */
export function cifarCacheFolder(): string {
  const root = process.env.SUPERCONVERGENCE_CACHE;
  // An empty variable counts as unset, as for XDG_CACHE_HOME.
  const isSet = root !== undefined && root !== '';
  return join(isSet ? root : envPaths('superconvergence', { suffix: '' }).cache, 'cifar');
}
