import { spawn } from 'node:child_process';

/** How a command ended. */
export interface CommandResult {
  /** Exit status; null when it was killed or never started. */
  status: number | null;
  stdout: string;
  stderr: string;
  /** True when there is no such program on the PATH. */
  notFound: boolean;
}

/**
 * Runs a program without a shell and collects what it prints; it ends with this process.
 *
 * @param options.everySecond called once a second while it runs, e.g. to watch a file grow
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; everySecond?: () => void } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const timer = options.everySecond === undefined ? undefined : setInterval(options.everySecond, 1000);
    const endChild = () => child.kill();
    process.once('exit', endChild);
    const finish = (result: CommandResult) => {
      clearInterval(timer);
      process.off('exit', endChild);
      resolve(result);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish({ status: null, stdout, stderr: error.message, notFound: error.code === 'ENOENT' });
    });
    child.once('close', (status) => {
      finish({ status, stdout, stderr, notFound: false });
    });
  });
}

/** The last lines that a failed program printed, for an error message. */
export function lastLines(text: string, count = 3): string {
  return text.trim().split('\n').slice(-count).join(' / ').slice(-600);
}
