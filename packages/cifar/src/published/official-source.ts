import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { CifarError } from '../errors.ts';
import type { OnProgress } from '../progress.ts';
import type { Archive, OfficialSource, Watch } from './recipe.ts';
import { verifyArchive } from './verify-archive.ts';

/** A download that brings nothing for this long is given up. */
const stallMilliseconds = 30_000;
const reportMilliseconds = 250;

/**
 * Fetches the archives of a source into `folder`, each from the first mirror that gives it as it was published.
 *
 * @param title what to call the data
 * @throws {CifarError} `unreachable` or `integrity`, naming every mirror; disk errors as they are
 */
export async function fetchOfficial<Name extends string>(
  folder: string,
  { archives, mirrors }: OfficialSource<Name>,
  title: string,
  watch: Watch & { stallAfterMilliseconds?: number },
): Promise<void> {
  for (const archive of archives) {
    const what = archives.length === 1 ? 'archive' : archive.fileName;
    const message = `fetching the official ${title} ${what}`;
    const failures: CifarError[] = [];
    for (const mirror of mirrors) {
      try {
        const path = join(folder, archive.fileName);
        const report = reportBytes(archive, message, watch.onProgress);
        await download(mirror + archive.fileName, path, { ...watch, report });
        await verifyArchive(path, archive, { ...watch, source: 'official' });
        break;
      } catch (error) {
        if (!(error instanceof CifarError)) throw error;
        failures.push(error);
      }
    }
    if (failures.length === mirrors.length) {
      const cause = failures.length === 1 ? failures[0]?.cause : new AggregateError(failures);
      const code = failures.every((failure) => failure.code === 'integrity') ? 'integrity' : 'unreachable';
      throw new CifarError(code, failures.map((failure) => failure.message).join('; '), { cause });
    }
  }
}

async function download(
  url: string,
  path: string,
  options: {
    report: (onBytes: () => void) => Transform;
    signal: AbortSignal | undefined;
    stallAfterMilliseconds?: number;
  },
): Promise<void> {
  const { report, signal, stallAfterMilliseconds = stallMilliseconds } = options;
  signal?.throwIfAborted();
  const stall = new AbortController();
  const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
  const timer = setTimeout(() => {
    stall.abort();
  }, stallAfterMilliseconds);
  try {
    const body = await openDownload(url, either);
    await pipeline(
      body,
      report(() => timer.refresh()),
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
}

async function openDownload(url: string, signal: AbortSignal): Promise<Readable> {
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) {
    throw new CifarError('unreachable', `${url} answered ${response.status} ${response.statusText}`);
  }
  return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}

/**
 * Passes bytes through, reporting them at most four times a second and once at the end. More than the archive has are
 * refused, so that a wrong answer cannot fill the disk.
 */
function reportBytes({ bytes: total, fileName }: Archive, message: string, onProgress: OnProgress) {
  return (onBytes: () => void): Transform => {
    let bytes = 0;
    let reportedAt = 0;
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        onBytes();
        if (bytes > total) {
          done(new Error(`it is more than the ${total} bytes of ${fileName}`));
          return;
        }
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
  };
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
