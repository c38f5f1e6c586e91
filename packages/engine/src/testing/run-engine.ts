import { fileURLToPath } from 'node:url';
import type { CommandResult } from '../run-command.ts';
import { runCommand } from '../run-command.ts';

/** Runs the command line in a process of its own, with these changes to the environment. */
export function runBin(args: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return runCommand(process.execPath, [fileURLToPath(new URL('../bin.ts', import.meta.url)), ...args], {
    env,
  });
}

/** Runs a module in a process of its own; `engine` in its text stands for the engine's entry. */
export function runModule(program: string, env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const entry = new URL('../index.ts', import.meta.url).href;
  const text = program.replace(/'engine'/g, JSON.stringify(entry));
  return runCommand(process.execPath, ['--input-type=module', '-e', text], { env });
}
