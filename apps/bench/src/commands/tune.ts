import { Option, type Command } from 'commander';
import { modelNameList } from '../experiments/model-name.ts';
import { tune, type TuningResult, type TuningRow } from '../experiments/tuning.ts';
import { describeUse } from '../experiments/tuning-choice.ts';
import { forgetChoices, tuningFile } from '../experiments/tuning-store.ts';
import { interruptible } from '../interruption.ts';
import { positiveInteger, positiveNumber } from '../options.ts';
import { formatTable, printResult } from '../output.ts';
import { createProgress } from '../progress.ts';

interface TuneCommandOptions {
  readonly models: ReturnType<typeof modelNameList>;
  readonly batch: number;
  readonly seconds: number;
  readonly allowTowers: boolean;
  readonly reset: boolean;
  readonly json: boolean;
}

export function addTuneCommand(program: Command): void {
  program
    .command('tune')
    .description(
      'measure with how many threads a model trains fastest here; train, range-test, timing and reproduce then use them',
    )
    .option(
      '--models <names>',
      'networks, separated by commas (see bench models)',
      modelNameList,
      modelNameList('resnet-20'),
    )
    .option('--batch <n>', 'images a step; a choice holds for this number alone', positiveInteger, 128)
    .option('--seconds <n>', 'how long each of 5 rounds lasts at least, for each way', positiveNumber, 3)
    .option(
      '--allow-towers',
      'also choose two towers, half a batch each: batch norm then computes something else',
      false,
    )
    .addOption(
      new Option('--reset', 'forget all choices, and measure nothing')
        .conflicts(['models', 'batch', 'seconds', 'allowTowers'])
        .default(false),
    )
    .option('--json', 'the last line of standard output is the result as JSON', false)
    .action(runTune);
}

async function runTune(options: TuneCommandOptions): Promise<void> {
  if (options.reset) {
    forgetChoices();
    printResult({ reset: tuningFile() }, `forgotten: ${tuningFile()}`, options.json);
    return;
  }
  const { batch: batchSize, seconds: secondsPerRound, allowTowers, json } = options;
  const progress = createProgress();
  const results: TuningResult[] = [];
  for (const model of options.models) {
    results.push(
      await interruptible((signal) =>
        tune({ model, batchSize, secondsPerRound, allowTowers, progress, signal }),
      ),
    );
  }
  printResult(results.length === 1 ? results[0] : { results }, results.map(describe).join('\n\n'), json);
}

function describe(result: TuningResult): string {
  const { model, batchSize, rounds, secondsPerRound, candidates, chosen, engine } = result;
  const [usual] = candidates;
  const rows = candidates.map((row) => [
    row === chosen ? '→' : '',
    describeUse(row),
    row.imagesPerSecond.toFixed(1),
    spread(row),
    (row.imagesPerSecond / (usual ?? row).imagesPerSecond).toFixed(3),
  ]);
  return [
    `${model}, batch ${batchSize}: medians of ${rounds} rounds of ${secondsPerRound} s; TensorFlow ${engine.tensorflow} on ${engine.device}`,
    formatTable(['', 'way', 'images/s', 'min – max', '÷ default'], rows),
    `${chosen === usual ? 'the default stays' : 'chosen'}: ${describeUse(chosen)}; stored in ${tuningFile()}`,
  ].join('\n');
}

function spread({ roundImagesPerSecond: rates }: TuningRow): string {
  return `${Math.min(...rates).toFixed(1)} – ${Math.max(...rates).toFixed(1)}`;
}
