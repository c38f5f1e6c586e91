/** Does the work of the command line: parses it, runs the command, turns errors into sentences and exit codes. */
import { Command, CommanderError } from 'commander';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExportCommand } from './commands/export.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPeersCommand } from './commands/peers.ts';
import { addRangeTestCommand } from './commands/range-test.ts';
import { addReportCommand } from './commands/report.ts';
import { addReproduceCommand } from './commands/reproduce.ts';
import { addScheduleCommand } from './commands/schedule.ts';
import { addTimingCommand } from './commands/timing.ts';
import { addTrainCommand } from './commands/train.ts';
import { addTuneCommand } from './commands/tune.ts';
import { BenchError, explanationOf } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { Interrupted, obeyParent } from './interruption.ts';

obeyParent();

const program = new Command('bench')
  .description(
    "Redoes Leslie Smith's super-convergence experiments on this machine. Without a command: reproduce.",
  )
  .showHelpAfterError('(bench --help lists the commands, bench COMMAND --help their options)')
  .configureHelp({ showGlobalOptions: true });

// Inherited by the commands added afterwards.
program.exitOverride();

addReproduceCommand(program);
addTimingCommand(program);
addPeersCommand(program);
addTrainCommand(program);
addExportCommand(program);
addRangeTestCommand(program);
addModelsCommand(program);
addScheduleCommand(program);
addReportCommand(program);
addTuneCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync(withDefaultCommand(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
} finally {
  // The channel to the parent must not keep a finished command alive.
  if (process.connected) process.removeAllListeners('disconnect').disconnect();
}

function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  const isHelp = first === '--help' || first === '-h' || first === 'help';
  return first === undefined || (first.startsWith('-') && !isHelp) ? ['reproduce', ...args] : [...args];
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  if (error instanceof Interrupted) return exitCodes.interrupted;
  const explanation = explanationOf(error);
  if (explanation !== undefined) {
    process.stderr.write(`error: ${explanation}\n`);
    return error instanceof BenchError && error.code === 'usage' ? exitCodes.usage : exitCodes.failure;
  }
  process.stderr.write(
    `This is a mistake in the bench itself:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.failure;
}
