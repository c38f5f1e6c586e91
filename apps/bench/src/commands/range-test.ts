import type { RangeTestAnalysis } from '@superconvergence/schedules';
import { stepsPerEpoch } from '@superconvergence/schedules';
import { Option, type Command } from 'commander';
import { startEngine } from '../engine.ts';
import { BenchError } from '../errors.ts';
import { chooseImages, numTrainImages, prepareData, type LoadedImages } from '../experiments/data.ts';
import { createNetwork } from '../experiments/create-network.ts';
import { modelName } from '../experiments/model-name.ts';
import {
  rangeTestDefaults,
  rangeTestInDirectory,
  suggestionsOf,
  type RangeTestConfig,
  type RangeTestRunResult,
} from '../experiments/range-test-run.ts';
import { tunedUse } from '../experiments/tuned-use.ts';
import { writeFileAtomically } from '../files.ts';
import { announceGoOnWith, interruptible } from '../interruption.ts';
import {
  addCommonOptions,
  addCompileOption,
  addDataOptions,
  belowOne,
  nonNegativeInteger,
  nonNegativeNumber,
  positiveInteger,
  positiveNumber,
  runName,
  share,
  type CommonOptions,
} from '../options.ts';
import { formatTable, printResult } from '../output.ts';
import { createProgress } from '../progress.ts';
import { rangeTestCharts } from '../report/experiment-charts.ts';
import { suggestionHead, suggestionRows } from '../report/suggestion-rows.ts';
import { openRun } from '../run-directory.ts';

interface RangeTestCommandOptions extends CommonOptions {
  readonly model: RangeTestConfig['model'];
  readonly data: string;
  readonly imageSize?: number;
  readonly preprocessing: NonNullable<RangeTestConfig['preprocessing']>;
  readonly minLr: number;
  readonly maxLr: number;
  readonly scale: RangeTestConfig['scale'];
  readonly epochs: number;
  readonly steps?: number;
  readonly points: number;
  readonly batch: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly trainSize?: number;
  readonly validationShare: number;
  readonly augmentation: boolean;
  readonly compile: boolean;
  readonly seed: number;
  readonly run?: string;
}

export function addRangeTestCommand(program: Command): void {
  const d = rangeTestDefaults;
  const start = program
    .command('range-test')
    .description(
      'train while the learning rate rises, follow the validation loss, suggest a maximum and a minimum',
    )
    .option('--model <name>', 'network (see bench models)', modelName, modelName('resnet-20'));
  const command = addDataOptions(start)
    .option('--min-lr <x>', 'first rate', positiveNumber, d.minLearningRate)
    .option('--max-lr <x>', 'last rate', positiveNumber, d.maxLearningRate)
    .addOption(
      new Option('--scale <name>', 'how the rate rises').choices(['linear', 'exponential']).default(d.scale),
    )
    .option('--epochs <n>', 'passes over the training images', positiveInteger, 2)
    .option('--steps <n>', 'steps instead of epochs', positiveInteger)
    .option('--points <n>', 'evaluations on the validation images', positiveInteger, d.numPoints)
    .option('--batch <n>', 'images a step', positiveInteger, 128)
    .option('--momentum <x>', 'constant', belowOne, d.momentum)
    .option(
      '--weight-decay <x>',
      'on kernels of convolutions and dense layers',
      nonNegativeNumber,
      d.weightDecay,
    )
    .option('--train-size <n>', 'train on a subset of the images (default: all)', positiveInteger)
    .option('--validation-share <x>', 'share of the training images held out', share, d.validationShare)
    .option('--no-augmentation', 'neither mirror nor crop the training images')
    .option('--seed <n>', 'initial weights, order of the images, augmentation', nonNegativeInteger, 0)
    .option('--run <name>', 'name of the run (default: a hash of its settings)', runName);
  addCommonOptions(addCompileOption(command)).action(runRangeTest);
}

async function runRangeTest(options: RangeTestCommandOptions): Promise<void> {
  if (options.minLr >= options.maxLr) {
    throw new BenchError('usage', `--min-lr ${options.minLr} must be less than --max-lr ${options.maxLr}.`);
  }
  const progress = createProgress();
  const images = await chooseImages(options, progress);
  const config = toConfig(options, images);
  const engine = await startEngine(progress, tunedUse(config, progress));
  const data = prepareData(images, config);
  const { validation } = data;
  if (!validation)
    throw new BenchError('usage', `--validation-share ${config.validationShare} holds out no image.`);
  // The folder of an older test is replaced only for settings that go together.
  createNetwork(config, data.train).dispose();
  const directory = openRun(
    { results: options.results, experiment: 'range-test', config: { ...config }, engine, name: options.run },
    { fresh: true },
  );
  announceGoOnWith('A range test is short: start it again.');
  const label = `${config.model} range test`;
  const result = await interruptible((signal) =>
    rangeTestInDirectory(directory, config, { ...data, validation }, { progress, signal, label }),
  );
  const charts = rangeTestCharts(`Range test of ${config.model}`, [result]).map((svg, i) => {
    const file = `${directory.path}/range-test-${['loss', 'accuracy'][i] ?? i}.svg`;
    writeFileAtomically(file, svg);
    return file;
  });
  const suggestions = suggestionsOf([result]);
  const text = `${describe(result, suggestions)}\ncurves in ${charts.join(', ')}`;
  printResult({ ...result, suggestions }, text, options.json);
}

function toConfig(options: RangeTestCommandOptions, images: LoadedImages): RangeTestConfig {
  const { trainSize = numTrainImages(images, options.validationShare) } = options;
  if (options.batch > trainSize) {
    throw new BenchError('usage', `--batch ${options.batch} is more than the ${trainSize} training images.`);
  }
  const steps =
    options.steps ??
    options.epochs * stepsPerEpoch({ numSamples: trainSize, batchSize: options.batch, dropLast: true });
  if (options.points > steps)
    throw new BenchError('usage', `--points ${options.points} is more than the ${steps} steps.`);
  return {
    model: options.model,
    ...images.config,
    preprocessing: options.preprocessing === 'channels' ? undefined : options.preprocessing,
    minLearningRate: options.minLr,
    maxLearningRate: options.maxLr,
    scale: options.scale,
    steps,
    numPoints: options.points,
    batchSize: options.batch,
    momentum: options.momentum,
    weightDecay: options.weightDecay,
    trainSize,
    validationShare: options.validationShare,
    augmentation: options.augmentation,
    compile: options.compile,
    seed: options.seed,
  };
}

function describe(
  { points, suggestion, stopped }: RangeTestRunResult,
  suggestions: RangeTestAnalysis,
): string {
  const every = Math.max(1, Math.ceil(points.length / 16));
  const rows = points
    .filter((_, i) => i % every === 0 || i === points.length - 1)
    .map((point) => [
      point.learningRate.toPrecision(3),
      point.trainingLoss.toFixed(3),
      point.validationLoss.toFixed(3),
      `${(100 * point.validationAccuracy).toFixed(1)} %`,
    ]);
  const advice =
    suggestion.status === 'found'
      ? `suggested maximum ${suggestion.maximum.toPrecision(3)}; minimum ${suggestion.minimum.oneCycle.toPrecision(2)} for one cycle, ` +
        `${suggestion.minimum.cyclical.toPrecision(2)} for many (${suggestion.reason})`
      : `no suggestion: ${suggestion.reason}`;
  return [
    formatTable(['rate', 'training loss', 'validation loss', 'accuracy'], rows),
    `ended: ${stopped}`,
    advice,
    formatTable(suggestionHead, suggestionRows(suggestions)),
  ].join('\n');
}
