import { hash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { arrayNames } from './recipe.ts';
import type { Arrays, Recipe } from './recipe.ts';

const sumsFile = 'SHA256SUMS';

/**
 * What is wrong with each array, one line per wrong one, naming `describe(array)`; empty when all are right.
 *
 * @param sums SHA-256 by file name, for arrays of which none is pinned
 */
export function findWrongArrays<Name extends string>(
  recipe: Recipe<Name>,
  arrays: Arrays<Name>,
  {
    sums = new Map(),
    describe = (name) => name,
  }: { sums?: ReadonlyMap<string, string>; describe?: (name: Name) => string } = {},
): string[] {
  return arrayNames(recipe).flatMap((name) => {
    const { file, bytes, sha256 = sums.get(file) } = recipe.files[name];
    const array = arrays[name];
    if (array.length !== bytes) return [`${describe(name)} has ${array.length} bytes instead of ${bytes}`];
    return sha256 === undefined || hash('sha256', array) === sha256
      ? []
      : [`${describe(name)} has been altered (its SHA-256 is wrong)`];
  });
}

/**
 * Reads and verifies the files of `folder`. `undefined` when there are none; otherwise either the arrays or one line for
 * every file that is missing, truncated or altered.
 */
export async function readCachedArrays<Name extends string>(
  recipe: Recipe<Name>,
  folder: string,
): Promise<{ arrays: Arrays<Name> } | { problems: string[] } | undefined> {
  const names = arrayNames(recipe);
  const pathOf = (name: Name): string => join(folder, recipe.files[name].file);
  const sizes = await Promise.all(names.map((name) => sizeOf(pathOf(name))));
  if (sizes.every((size) => size === undefined)) return undefined;
  const problems = names.flatMap((name, i) => {
    const { bytes } = recipe.files[name];
    const size = sizes[i];
    if (size === undefined) return [`${pathOf(name)} is missing`];
    return size === bytes ? [] : [`${pathOf(name)} has ${size} bytes instead of ${bytes}`];
  });
  if (problems.length > 0) return { problems };
  const sums = await readSums(join(folder, sumsFile));
  const isKnown = names.every((name) => recipe.files[name].sha256 ?? sums.get(recipe.files[name].file));
  if (!isKnown) return { problems: [`${join(folder, sumsFile)} is missing or incomplete`] };
  const read = await Promise.all(names.map(async (name) => [name, await readBytes(pathOf(name))] as const));
  const arrays = Object.fromEntries(read) as Arrays<Name>;
  const wrong = findWrongArrays(recipe, arrays, { sums, describe: pathOf });
  return wrong.length > 0 ? { problems: wrong } : { arrays };
}

/** Writes the files, and a `SHA256SUMS` for `sha256sum --check`, through `temporary` (same disk) into `folder`. */
export async function writeCachedArrays<Name extends string>(
  recipe: Recipe<Name>,
  arrays: Arrays<Name>,
  { folder, temporary }: { folder: string; temporary: string },
): Promise<void> {
  const names = arrayNames(recipe);
  const sums = names.map((name) => {
    const { file, sha256 = hash('sha256', arrays[name]) } = recipe.files[name];
    return `${sha256}  ${file}\n`;
  });
  const contents: [string, Uint8Array | string][] = [
    ...names.map((name): [string, Uint8Array] => [recipe.files[name].file, arrays[name]]),
    [sumsFile, sums.join('')],
  ];
  for (const [name, content] of contents) {
    const file = await open(join(temporary, name), 'w');
    try {
      await file.writeFile(content);
      // A rename may reach the disk before the bytes do: after a power cut there would be an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const [name] of contents) await rename(join(temporary, name), join(folder, name));
}

/** SHA-256 by file name; empty where there is no such file. Lines of another form count as not there. */
async function readSums(path: string): Promise<Map<string, string>> {
  if ((await sizeOf(path)) === undefined) return new Map();
  const lines = (await readFile(path, 'utf8')).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, sum, file] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
      return sum !== undefined && file !== undefined ? [[file, sum] as const] : [];
    }),
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A plain Uint8Array: a Buffer's `slice` shares memory, which would surprise whoever expects typed arrays. */
async function readBytes(path: string): Promise<Uint8Array> {
  const buffer = await readFile(path);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
