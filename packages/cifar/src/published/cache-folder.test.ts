import { afterEach, describe, expect, it, vi } from 'vitest';
import { cifarCacheFolder } from './cache-folder.ts';

afterEach(() => vi.unstubAllEnvs());

describe('cifarCacheFolder', () => {
  it('is inside $SUPERCONVERGENCE_CACHE', () => {
    vi.stubEnv('SUPERCONVERGENCE_CACHE', '/data/cache');
    expect(cifarCacheFolder()).toBe('/data/cache/cifar');
  });

  it('is inside the cache folder of the operating system otherwise', () => {
    vi.stubEnv('SUPERCONVERGENCE_CACHE', '');
    expect(cifarCacheFolder()).toMatch(/superconvergence[/\\](Cache[/\\])?cifar$/);
  });
});
