import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { startEngine } from '../engine.ts';
import { presetNames, presets, scalePlan, type PresetName } from '../experiments/presets.ts';
import { rangeTestDefaults } from '../experiments/range-test-run.ts';
import { runReproduction, type Reproduction } from '../experiments/reproduction.ts';
import { tunedUse } from '../experiments/tuned-use.ts';
import { writeFileAtomically } from '../files.ts';
import { announceGoOnWith, interruptible } from '../interruption.ts';
import { addCommonOptions, positiveNumber, type CommonOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { createProgress, formatSeconds } from '../progress.ts';
import { writeReport } from '../report/write-report.ts';

interface ReproduceCommandOptions extends CommonOptions {
  readonly preset: PresetName;
  readonly fresh: boolean;
  readonly budget?: number;
}

export function addReproduceCommand(program: Command): void {
  const command = program
    .command('reproduce')
    .description('run the experiments of a preset and write the report; what was finished before is reused')
    .addOption(new Option('--preset <name>', 'how much to do').choices(presetNames).default('quick'))
    .option('--fresh', 'do finished runs again', false)
    .option('--budget <minutes>', 'scale the preset to so many minutes of a 2-core machine', positiveNumber);
  addCommonOptions(command).action(runReproduce);
}

async function runReproduce(options: ReproduceCommandOptions): Promise<void> {
  const startedAt = performance.now();
  const { results, preset, fresh, budget } = options;
  const plan = budget === undefined ? presets[preset].plan : scalePlan(presets[preset], budget);
  const progress = createProgress();
  // The range test's, which trains in this process. Timings have threads of their own, other trainings processes.
  const use = tunedUse({ ...plan.rangeTest, compile: rangeTestDefaults.compile }, progress);
  const engine = await startEngine(progress, use);
  const again = ['npx -y pnpm@12 bench', ...(preset === 'quick' ? [] : ['--preset', preset])];
  if (budget !== undefined) again.push('--budget', String(budget));
  if (results !== 'results') again.push('--results', results);
  announceGoOnWith(
    `Finished runs are kept and the run in progress has a checkpoint. Go on with: ${again.join(' ')}`,
  );

  const summaryFile = join(results, `reproduce-${preset}.json`);
  if (fresh) rmSync(summaryFile, { force: true });
  const reproduction = await interruptible((signal) =>
    runReproduction(preset, plan, { results, engine, progress, signal, fresh }),
  );
  writeFileAtomically(summaryFile, `${JSON.stringify(reproduction, null, 2)}\n`);
  const report = writeReport(results);
  const seconds = (performance.now() - startedAt) / 1000;
  const { claims } = reproduction;
  printResult(
    { preset, seconds, engine, report, claims },
    describe(reproduction, seconds, report),
    options.json,
  );
}

function describe({ claims, engine }: Reproduction, seconds: number, report: string): string {
  const lines = claims.flatMap(({ id, claim, paper, ours, spread, n, held }) => [
    `${held.padEnd(9)}  ${claim}  [${id}]`,
    `${' '.repeat(9)}  paper: ${paper}`,
    `${' '.repeat(9)}  ours:  ${ours}; ${spread}, n = ${n}`,
  ]);
  return [
    'held       claim',
    `${'─'.repeat(9)}  ${'─'.repeat(70)}`,
    ...lines,
    '',
    `TensorFlow ${engine.tensorflow} on ${engine.device}, ${engine.threads} threads; ${formatSeconds(seconds)}`,
    `report: ${report}`,
  ].join('\n');
}
