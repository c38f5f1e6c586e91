import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar';
import type { ReadEntry } from 'tar';
import { CifarError } from '../errors.ts';

/** What {@link readTarGz} takes out of an archive. */
export interface TarGzOptions {
  /** The most bytes that a file may have, by its name without folders; other files are passed over. */
  readonly wanted: ReadonlyMap<string, number>;
  /** The most bytes that the archive may have unpacked. */
  readonly maxBytes: number;
  /** Called with one file after the other; each comes at most once. */
  readonly onFile: (name: string, bytes: Uint8Array) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads some files of a `.tar.gz`, holding one of them at a time. What an archive claims is checked before anything is
 * allocated, and unpacking ends at `maxBytes`.
 *
 * @param archive a path, or the bytes themselves
 * @param label what to call it in errors
 * @throws {CifarError} `corrupt`
 */
export async function readTarGz(
  archive: string | Uint8Array,
  label: string,
  { wanted, maxBytes, onFile, signal }: TarGzOptions,
): Promise<void> {
  const seen = new Set<string>();
  const corrupt = (reason: string, cause?: unknown): CifarError =>
    new CifarError('corrupt', `${label} is not a sound archive: ${reason}.`, { cause });
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  const parser = new Parser({ strict: true });
  parser.on('error', (error: Error) => {
    fail(corrupt(error.message, error));
  });
  parser.on('entry', (entry: ReadEntry) => {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    const most = wanted.get(name);
    if (most === undefined || entry.type === 'Directory' || failure) {
      entry.resume();
      return;
    }
    if (entry.size > most || seen.has(name)) {
      fail(corrupt(seen.has(name) ? `it holds ${name} twice` : `${name} has ${entry.size} bytes`));
      entry.resume();
      return;
    }
    seen.add(name);
    collect(entry, (bytes) => {
      if (failure) return;
      try {
        onFile(name, bytes);
      } catch (error) {
        fail(error as Error);
      }
    });
  });

  let unpackedBytes = 0;
  const compressed = typeof archive === 'string' ? createReadStream(archive) : Readable.from([archive]);
  const unpack = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      // An archive inside would be unpacked by the parser, past the limit.
      if (unpackedBytes === 0 && isCompressed(chunk)) throw corrupt('it is packed twice');
      unpackedBytes += chunk.length;
      if (unpackedBytes > maxBytes) throw corrupt(`unpacked it has more than ${maxBytes} bytes`);
      parser.write(chunk);
      if (failure) throw failure;
    }
    parser.end();
    if (failure) throw failure;
  };
  try {
    await pipeline(compressed, createGunzip(), unpack, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error === failure || error instanceof CifarError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw code.startsWith('Z_') ? corrupt(message, error) : error;
  }
}

/** The magic numbers of gzip and zstd. */
function isCompressed(chunk: Uint8Array): boolean {
  return (chunk[0] === 0x1f && chunk[1] === 0x8b) || (chunk[0] === 0x28 && chunk[1] === 0xb5);
}

/** Calls back with the whole content; never for one that breaks off. */
function collect(entry: ReadEntry, onEnd: (bytes: Uint8Array) => void): void {
  const bytes = new Uint8Array(entry.size);
  let length = 0;
  entry.on('data', (chunk: Buffer) => {
    bytes.set(chunk, length);
    length += chunk.length;
  });
  entry.on('end', () => {
    if (length === bytes.length) onEnd(bytes);
  });
}
