import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { engineCacheFolder } from '@superconvergence/engine';
import { BenchError } from '../../errors.ts';
import { unwritable } from '../../files.ts';
import type { Progress } from '../../progress.ts';
import { nodeKinds } from './contenders.ts';

const requirementsFile = fileURLToPath(new URL('../../../peers/requirements.txt', import.meta.url));

/** Tried in this order. PyTorch 2.15 needs 3.11 or newer, TensorFlow 2.21 has no wheels after 3.13. */
const pythons = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'];
const isWanted = 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))';

/** Folder of the Python environments: `peers` below the cache root of all packages (`SUPERCONVERGENCE_CACHE`). */
export function peersCacheFolder(): string {
  return join(dirname(engineCacheFolder()), 'peers');
}

/**
 * Sets up PyTorch and TensorFlow from the user's package index in the cache folder, unless they are there: one
 * environment for each content of requirements.txt, built beside its place and renamed.
 *
 * @returns its Python
 * @throws {BenchError} `peers-unavailable`, saying what is missing
 */
export async function preparePython(progress: Progress, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12);
  const place = join(peersCacheFolder(), `venv-${hash}`);
  const python = join(place, 'bin', 'python');
  // A link to the Python that made it, which may have gone.
  if (existsSync(python)) return python;
  const partial = `${place}.${process.pid}.partial`;
  try {
    makeRoom(place);
    await install(partial, { progress, signal });
    if (!existsSync(python)) renameSync(partial, place);
  } catch (error) {
    if (signal.aborted || error instanceof BenchError) throw error;
    throw unwritable(place, error);
  } finally {
    progress.clear();
    rmSync(partial, { recursive: true, force: true });
  }
  return python;
}

/** Creates the folder, without the environment whose Python has gone and what ended processes left. */
function makeRoom(place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { recursive: true, force: true });
  for (const name of readdirSync(dirname(place))) {
    const pid = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(dirname(place), name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function install(
  folder: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const base = await findPython(signal);
  progress.note('setting up PyTorch and TensorFlow for the comparison, once: 3 GB to download on Linux x64');
  const onLine = (line: string) => {
    progress.update(`python: ${line.trim()}`);
  };
  const venv = await runProgram(base, ['-m', 'venv', folder], { signal, onLine });
  if (venv.status !== 0) {
    throw unavailable(
      `${base} can't make a virtual environment (${venv.said}); on Debian and Ubuntu: apt install python3-venv`,
    );
  }
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const python = join(folder, 'bin', 'python');
  const pip = await runProgram(
    python,
    // prettier-ignore
    ['-m', 'pip', 'install', '--no-cache-dir', '--no-input', '--disable-pip-version-check', '--only-binary=:all:',
      '--progress-bar=off', '-r', requirementsFile],
    // The right disk: pip unpacks gigabytes there.
    { signal, onLine, env: { TMPDIR: temporary } },
  );
  if (pip.status !== 0) throw unavailable(`pip could not install them (${pip.said})`);
  rmSync(temporary, { recursive: true, force: true });
  const imported = await runProgram(python, ['-c', 'import torch, tensorflow'], { signal, onLine });
  if (imported.status !== 0) throw unavailable(`they can't be imported (${imported.said})`);
}

async function findPython(signal: AbortSignal): Promise<string> {
  for (const python of pythons) {
    if ((await runProgram(python, ['-c', isWanted], { signal })).status === 0) return python;
  }
  throw unavailable('there is no Python 3.11, 3.12 or 3.13 on the PATH (python3)');
}

function unavailable(why: string): BenchError {
  return new BenchError(
    'peers-unavailable',
    `Can't set up PyTorch and TensorFlow: ${why}. Without them: --contenders ${nodeKinds.join(',')}`,
  );
}

interface RunProgramOptions {
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end; `said` is the end of what it printed on standard error. */
function runProgram(
  command: string,
  args: readonly string[],
  { signal, onLine, env }: RunProgramOptions,
): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      signal,
      killSignal: 'SIGKILL',
    });
    const kill = () => void child.kill('SIGKILL');
    process.once('exit', kill);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
    createInterface(child.stdout).on('line', (line) => onLine?.(line));
    const finish = (status: number | null, text: string) => {
      process.off('exit', kill);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ status, said: text.trim().split('\n').slice(-2).join(' / ') });
    };
    child.once('error', ({ message }) => {
      finish(null, message);
    });
    child.once('close', (status) => {
      finish(status, said);
    });
  });
}
