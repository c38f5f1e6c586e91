import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { officialArchive } from './archives.ts';
import { CifarError } from './errors.ts';
import type { OnProgress } from './progress.ts';

export const officialUrl = 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz';

/** A download that brings nothing for this long is given up. */
const stallMilliseconds = 30_000;
const reportMilliseconds = 250;

/**
 * Fetches the official archive into `folder`.
 *
 * @param url another place that has the same file
 * @returns the archive's path, not yet verified
 * @throws {CifarError} `unreachable`; disk errors as they are
 */
export async function fetchOfficial(
  folder: string,
  onProgress: OnProgress,
  options: { url?: string; signal?: AbortSignal | undefined; stallAfterMilliseconds?: number } = {},
): Promise<string> {
  const { url = officialUrl, signal, stallAfterMilliseconds = stallMilliseconds } = options;
  signal?.throwIfAborted();
  const stall = new AbortController();
  const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
  const timer = setTimeout(() => {
    stall.abort();
  }, stallAfterMilliseconds);
  const path = join(folder, officialArchive.fileName);
  try {
    const body = await openDownload(url, either);
    await pipeline(
      body,
      reportBytes(onProgress, () => timer.refresh()),
      createWriteStream(path),
      { signal: either },
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CifarError || isDiskError(error)) throw error;
    const reason = stall.signal.aborted
      ? `nothing came for ${stallAfterMilliseconds / 1000} s`
      : reasonOf(error);
    throw new CifarError('unreachable', `${url}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  return path;
}

async function openDownload(url: string, signal: AbortSignal): Promise<Readable> {
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) {
    throw new CifarError('unreachable', `${url} answered ${response.status} ${response.statusText}`);
  }
  return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}

/** Passes bytes through, reporting them at most four times a second and once at the end. */
function reportBytes(onProgress: OnProgress, onBytes: () => void): Transform {
  const total = officialArchive.bytes;
  const message = 'fetching the official CIFAR-10 archive';
  let bytes = 0;
  let reportedAt = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes();
      if (Date.now() - reportedAt >= reportMilliseconds) {
        reportedAt = Date.now();
        onProgress({ phase: 'download', source: 'official', message, bytes, total });
      }
      done(null, chunk);
    },
    flush(done) {
      onProgress({ phase: 'download', source: 'official', message, bytes, total });
      done();
    },
  });
}

function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** `fetch` says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error
    ? `${message} (${cause.message || ((cause as NodeJS.ErrnoException).code ?? '')})`
    : message;
}
