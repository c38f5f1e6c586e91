import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the interruption, or from the start where there was none, to the end. */
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Sends SIGINT as soon as standard error matches. */
  readonly interruptAt?: RegExp;
}

/** Runs the command line as a user does. */
export function runBench(
  args: readonly string[],
  { env = {}, interruptAt }: RunOptions = {},
): Promise<Finished> {
  const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let startedAt = performance.now();
  let stdout = '';
  let stderr = '';
  let waiting = interruptAt;
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    if (!waiting?.test(stderr)) return;
    waiting = undefined;
    startedAt = performance.now();
    child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr, milliseconds: performance.now() - startedAt });
    });
  });
}

/** The value in the last line of standard output, as the contract of `--json` has it. */
export function lastJson({ stdout }: Finished): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
