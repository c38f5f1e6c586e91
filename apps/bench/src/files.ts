import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError } from './errors.ts';

/** Writes a whole file or nothing: beside its place first, then renamed. */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const partial = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, content);
    renameSync(partial, path);
  } catch (cause) {
    if (existsSync(partial)) rmSync(partial);
    throw unwritable(path, cause);
  }
}

/** The error for a place in the results folder that can't be written. */
export function unwritable(path: string, cause: unknown): BenchError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BenchError(
    'results-unwritable',
    `Can't write ${path} (${why}). Give another folder with --results, or make this one writable.`,
    { cause },
  );
}
