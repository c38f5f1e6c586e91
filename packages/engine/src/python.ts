import { EngineError } from './errors.ts';
import { runCommand } from './run-command.ts';

/**
 * Finds a Python 3 and its version.
 *
 * @throws {EngineError} `no-python`
 */
export async function findPython(): Promise<{ command: string; version: string }> {
  for (const command of ['python3', 'python']) {
    const { status, stdout } = await runCommand(command, [
      '-c',
      'import sys; print("%d.%d.%d" % sys.version_info[:3])',
    ]);
    const version = stdout.trim();
    if (status === 0 && version.startsWith('3.')) return { command, version };
  }
  throw new EngineError('no-python', 'There is no python3 on the PATH');
}

/**
 * Version of that Python's pip.
 *
 * @throws {EngineError} `no-pip`
 */
export async function findPip(python: string): Promise<string> {
  const { status, stdout, stderr } = await runCommand(python, ['-m', 'pip', '--version']);
  if (status !== 0) {
    throw new EngineError(
      'no-pip',
      `${python} has no pip (${stderr.trim() || `exit status ${String(status)}`})`,
    );
  }
  return stdout.split(' ')[1] ?? '';
}
