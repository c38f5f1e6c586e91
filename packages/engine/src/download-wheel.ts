import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, fileError } from './errors.ts';
import { hashFile, makePartialFolder, sizeOf } from './files.ts';
import type { ProgressListener } from './progress.ts';
import { formatBytes } from './progress.ts';
import { findPip, findPython } from './python.ts';
import { lastLines, runCommand } from './run-command.ts';
import type { Wheel } from './wheels.ts';

/** What pip says when it can't reach its index. */
const unreachable =
  /NewConnectionError|ConnectionError|Max retries exceeded|Retrying \(Retry|name resolution|Name or service not known|Connection refused|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|Read timed out|ReadTimeoutError|ConnectTimeoutError/;
const noSpace = /No space left on device|Errno 28|Disk quota exceeded/;

/**
 * Fetches one wheel with the user's pip, so with the user's index, proxy and certificates, and verifies it.
 * A finished wheel in `downloads` is used as it is: wheels may also be put there by hand.
 *
 * @returns path of the verified wheel
 * @throws {EngineError} `no-python`, `no-pip`, `offline`, `registry-unreachable`, `download-failed`, `hash-mismatch`, `disk-full`
 */
export async function downloadWheel(
  wheel: Wheel,
  options: { downloads: string; offline: boolean; onProgress: ProgressListener },
): Promise<string> {
  const finished = join(options.downloads, wheel.file);
  if ((await sizeOf(finished)) > 0) {
    await verifyWheel(finished, wheel, options.onProgress);
    return finished;
  }
  if (options.offline) {
    throw new EngineError(
      'offline',
      `${wheel.file} is not in ${options.downloads} and the engine may not use the network`,
    );
  }
  const partial = await makePartialFolder(options.downloads).catch((error: unknown) => {
    throw fileError(error, options.downloads);
  });
  try {
    await pipDownload(wheel, partial, options.onProgress);
    const file = (await readdir(partial)).find((name) => name.endsWith('.whl'));
    if (file === undefined)
      throw new EngineError('download-failed', `pip fetched no wheel for ${wheel.requirement}`);
    await verifyWheel(join(partial, file), wheel, options.onProgress);
    await rename(join(partial, file), finished);
    return finished;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function pipDownload(wheel: Wheel, folder: string, onProgress: ProgressListener): Promise<void> {
  const { command: python } = await findPython();
  await findPip(python);
  const report = (bytes: number) => {
    const message = `downloading ${wheel.file}, ${formatBytes(wheel.bytes)}`;
    onProgress({ phase: 'download', message, bytes: Math.min(bytes, wheel.bytes), totalBytes: wheel.bytes });
  };
  report(0);
  const { status, stdout, stderr } = await runCommand(
    python,
    // prettier-ignore
    ['-m', 'pip', 'download', wheel.requirement, '--no-deps', '--only-binary=:all:', '--no-cache-dir',
      '--disable-pip-version-check', '--no-input', '--progress-bar=off', '--dest', folder,
      '--platform', wheel.platform, '--python-version', '3.12', '--implementation', 'cp'],
    {
      cwd: folder,
      env: { TMPDIR: folder }, // pip downloads there first: the right disk, and its growth can be watched.
      everySecond: () => void sizeOf(folder).then(report),
    },
  );
  if (status === 0) return;
  const said = lastLines(stderr.trim() || stdout);
  if (noSpace.test(stderr))
    throw new EngineError('disk-full', `pip ran out of disk space in ${folder} (${said})`);
  if (unreachable.test(stderr)) {
    throw new EngineError('registry-unreachable', `pip can't reach its package index (${said})`);
  }
  throw new EngineError('download-failed', `pip could not fetch ${wheel.requirement} (${said})`);
}

async function verifyWheel(path: string, wheel: Wheel, onProgress: ProgressListener): Promise<void> {
  onProgress({ phase: 'verify', message: `verifying ${wheel.file}` });
  const found = (await hashFile(path)).toString('hex');
  if (found === wheel.sha256) return;
  await rm(path, { force: true });
  throw new EngineError(
    'hash-mismatch',
    `${wheel.file} is not the published file: its SHA-256 is ${found}, not ${wheel.sha256}`,
  );
}
