import { readFileSync } from 'node:fs';

/** One call of a library's function, as the scripts in fixtures/ write it. */
export type LibraryCase = {
  readonly function: string;
  readonly options: object;
  readonly steps: readonly number[];
  /** The class of the exception that the library raised, in place of values. */
  readonly error?: string;
  readonly values?: readonly number[];
  readonly learningRate?: readonly number[];
  readonly momentum?: readonly number[];
};

/** What `fixtures/LIBRARY/schedules.py` has written. */
export function readLibraryFixture(library: string): { readonly cases: readonly LibraryCase[] } {
  const file = new URL(`../../../../fixtures/${library}/schedules.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { cases: LibraryCase[] };
}

/** Values as float32, in which a library's and ours are equal. */
export function float32(values: readonly number[] = []): number[] {
  return values.map(Math.fround);
}
