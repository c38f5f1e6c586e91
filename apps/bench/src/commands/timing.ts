import { Option, type Command } from 'commander';
import { defaultUse, engineWith, startEngine } from '../engine.ts';
import { modelNameList } from '../experiments/model-name.ts';
import { timeInDirectory, type TimingResult } from '../experiments/timing.ts';
import { tunedUse } from '../experiments/tuned-use.ts';
import { interruptible } from '../interruption.ts';
import { addCommonOptions, addCompileOption, positiveInteger, type CommonOptions } from '../options.ts';
import { formatTable, printResult } from '../output.ts';
import { createProgress, formatBytes } from '../progress.ts';
import { openRun } from '../run-directory.ts';

interface TimingCommandOptions extends CommonOptions {
  readonly models: ReturnType<typeof modelNameList>;
  readonly batch: number;
  readonly iterations: number;
  readonly update: boolean;
  readonly forwardOnly: boolean;
  readonly compile: boolean;
}

export function addTimingCommand(program: Command): void {
  const command = program
    .command('timing')
    .description('time training iterations; without options the benchmark of domluna/SuperConvergence')
    .option(
      '--models <names>',
      'networks, separated by commas (see bench models)',
      modelNameList,
      modelNameList('wrn-16-10'),
    )
    .option('--batch <n>', 'images an iteration', positiveInteger, 64)
    .option('--iterations <n>', 'timed iterations, after two untimed ones', positiveInteger, 10)
    .option('--update', 'apply the gradients as well: Nesterov momentum and weight decay', false)
    .addOption(new Option('--forward-only', 'no gradients').conflicts('update').default(false));
  addCommonOptions(addCompileOption(command)).action(runTiming);
}

async function runTiming(options: TimingCommandOptions): Promise<void> {
  const progress = createProgress();
  const mode = options.forwardOnly ? 'forward' : options.update ? 'update' : 'forward-backward';
  const { batch: batchSize, iterations, compile } = options;
  const uses = options.models.map((model) => ({
    model,
    use: tunedUse({ model, batchSize, compile }, progress, mode === 'update'),
  }));
  const [first] = uses;
  const common = await startEngine(progress, uses.length === 1 ? first?.use : defaultUse);
  const results: TimingResult[] = [];
  for (const { model, use } of uses) {
    const engine = engineWith(common, use);
    const config = { model, batchSize, iterations, mode, compile } as const;
    const directory = openRun(
      { results: options.results, experiment: 'timing', config, engine },
      { fresh: true },
    );
    results.push(
      await interruptible((signal) => timeInDirectory(directory, config, { engine, progress, signal })),
    );
  }
  printResult(results.length === 1 ? results[0] : { results }, describeTimings(results), options.json);
}

/** A table of timings, with the ratio of times and of multiply-accumulates to the first model. */
function describeTimings(results: readonly TimingResult[]): string {
  const [first] = results;
  if (!first) return '';
  const head = [
    'model',
    'seconds',
    'per iteration',
    'images/s',
    'GFLOP/s',
    'time ×',
    'MACs ×',
    'GC',
    'peak memory',
  ];
  const rows = results.map((result) => [
    result.model,
    `${result.seconds.toFixed(2)} s`,
    `${result.secondsPerIteration.toFixed(3)} s`,
    result.imagesPerSecond.toFixed(1),
    result.gflopsPerSecond.toFixed(0),
    (result.secondsPerIteration / first.secondsPerIteration).toFixed(3),
    (result.multiplyAccumulates / first.multiplyAccumulates).toFixed(3),
    `${result.gcPercent.toFixed(1)} %`,
    formatBytes(result.peakRssBytes),
  ]);
  const { engine } = first;
  return [
    `${first.iterations} iterations of ${first.batchSize} images, ${first.mode}${first.compile ? '' : ', not compiled'}; TensorFlow ${engine.tensorflow} on ${engine.device}, ${engine.threads} threads`,
    formatTable(head, rows),
  ].join('\n');
}
