import { stepsPerEpoch } from '@superconvergence/schedules';
import { Option, type Command } from 'commander';
import { startEngine, type MachineUse } from '../engine.ts';
import { BenchError } from '../errors.ts';
import {
  chooseImages,
  loadImages,
  numTrainImages,
  prepareData,
  type LoadedImages,
} from '../experiments/data.ts';
import { modelName } from '../experiments/model-name.ts';
import {
  multiplierNames,
  scheduleNames,
  statisticsNames,
  trainConfigSchema,
  trainDefaults,
  type TrainConfig,
} from '../experiments/train-config.ts';
import { createTrainedNetwork, trainInDirectory, type TrainResult } from '../experiments/training-run.ts';
import { hasTrainedModel } from '../experiments/trained-model.ts';
import { tunedUse } from '../experiments/tuned-use.ts';
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
import { printResult } from '../output.ts';
import { createProgress, formatSeconds, type Progress } from '../progress.ts';
import { isRun, machineUseOf, openExistingRun, openRun, type RunDirectory } from '../run-directory.ts';

interface TrainCommandOptions extends CommonOptions {
  readonly model: TrainConfig['model'];
  readonly data: string;
  readonly imageSize?: number;
  readonly preprocessing: NonNullable<TrainConfig['preprocessing']>;
  readonly schedule: TrainConfig['schedule'];
  readonly maxLr: number;
  readonly minLr?: number;
  readonly cycleShare: number;
  readonly maxMomentum: number;
  readonly minMomentum: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly multipliers: NonNullable<TrainConfig['multipliers']>;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly trainSize?: number;
  readonly validationShare: number;
  readonly evaluateEvery: number;
  readonly augmentation: boolean;
  readonly compile: boolean;
  readonly recalibrate: number;
  readonly testStatistics: NonNullable<TrainConfig['testStatistics']>;
  readonly dropout?: number;
  readonly batchNormMomentum?: number;
  readonly batchNormGroups?: number;
  readonly checkpointEvery: number;
  readonly run?: string;
  readonly resume?: string;
  readonly fresh: boolean;
}

export function addTrainCommand(program: Command): void {
  const d = trainDefaults;
  const start = program
    .command('train')
    .description('train a network on CIFAR-10, another data set or your own pictures, and test it')
    .option('--model <name>', 'network (see bench models)', modelName, modelName('resnet-20'));
  const command = addDataOptions(start)
    .addOption(
      new Option('--schedule <name>', 'learning-rate schedule').choices(scheduleNames).default('one-cycle'),
    )
    .option(
      '--max-lr <x>',
      'highest learning rate; the first of multi-step, the only one of constant',
      positiveNumber,
      0.4,
    )
    .option(
      '--min-lr <x>',
      'lowest rate of one-cycle and triangular (default: a twentieth of the highest)',
      nonNegativeNumber,
    )
    .option('--cycle-share <x>', 'share of the steps in the one cycle; then down to 0', share, d.cycleShare)
    .option('--max-momentum <x>', 'momentum of one-cycle where the rate is lowest', belowOne, d.maxMomentum)
    .option('--min-momentum <x>', 'momentum of one-cycle where the rate is highest', belowOne, d.minMomentum)
    .option('--momentum <x>', 'momentum of the other schedules', belowOne, d.constantMomentum)
    .option('--weight-decay <x>', 'on what --multipliers says', nonNegativeNumber, d.weightDecay)
    .addOption(
      new Option(
        '--multipliers <which>',
        'weight decay on kernels of convolutions and dense layers, or on all weights; or the rates and decays of each ' +
          'weight that the network was published with',
      )
        .choices(multiplierNames)
        .default('kernels'),
    )
    .option('--epochs <n>', 'passes over the training images', positiveInteger, 8)
    .option('--batch <n>', 'images a step', positiveInteger, 128)
    .option('--seed <n>', 'initial weights, order of the images, augmentation', nonNegativeInteger, 0)
    .option('--train-size <n>', 'train on a subset of the images (default: all)', positiveInteger)
    .option(
      '--validation-share <x>',
      'share of the images held out and scored beside the test set',
      share,
      d.validationShare,
    )
    .option(
      '--evaluate-every <n>',
      'steps between evaluations on the held-out images; 0: at the end',
      nonNegativeInteger,
      0,
    )
    .option(
      '--recalibrate <n>',
      "batches that batch norm's averages are computed anew from before the scores; 0: they stay as they are",
      nonNegativeInteger,
      0,
    )
    .addOption(
      new Option('--test-statistics <which>', "batch norm's in tests: its moving averages or the batch's own")
        .choices(statisticsNames)
        .default('running'),
    )
    .option('--dropout <x>', "rate of the network's dropout layers (default: the source's)", belowOne)
    .option(
      '--batch-norm-momentum <x>',
      "what batch norm's moving averages keep at each step (default: the source's, else 0.9)",
      share,
    )
    .option(
      '--batch-norm-groups <n>',
      'parts of a batch that are normalised by themselves (default: 1)',
      positiveInteger,
    )
    .option('--no-augmentation', 'neither mirror nor crop the training images')
    .option('--checkpoint-every <n>', 'steps between checkpoints', positiveInteger, d.checkpointEvery)
    .option('--run <name>', 'name of the run (default: a hash of its settings)', runName)
    .option('--fresh', 'replace the run of that name', false)
    .addOption(
      new Option('--resume <name>', 'go on with a run, with the settings it was started with').argParser(
        runName,
      ),
    );
  addCommonOptions(addCompileOption(command)).action(runTrain);
}

async function runTrain(options: TrainCommandOptions, command: Command): Promise<void> {
  if (options.resume !== undefined) refuseOthersBesideResume(command);
  const progress = createProgress();
  const images = options.resume === undefined ? await chooseImages(options, progress) : undefined;
  const config = images && toConfig(options, images);
  const engine = await startEngine(progress, chooseUse(options, config, progress));
  // A folder is made, or with --fresh replaced, only for settings that go together.
  const begun = config ? undefined : openExistingRun(options.results, 'train', options.resume ?? '');
  const settings = config ?? parseConfig(begun?.record.config);
  const data = prepareData(images ?? (await loadImages(settings, progress)), settings);
  if (config) createTrainedNetwork(config, data, engine.towers).dispose();
  const identity = { results: options.results, experiment: 'train', engine, name: options.run };
  const directory = begun ?? openRun({ ...identity, config: settings }, options);
  const { run } = directory.record;
  const elsewhere = options.results === 'results' ? '' : ` --results ${options.results}`;
  announceGoOnWith(`Go on with: npx -y pnpm@12 bench train --resume ${run}${elsewhere}`);
  const result = await interruptible((signal) =>
    trainInDirectory(directory, data, { progress, signal, keepsModel: true }),
  );
  printResult(result, describe(result, directory), options.json);
}

/** Before the engine is started: that of the run which is gone on with, else as tuned. */
function chooseUse(
  { results, resume, run, fresh }: TrainCommandOptions,
  config: TrainConfig | undefined,
  progress: Progress,
): MachineUse {
  const begun = resume ?? (run !== undefined && !fresh && isRun(results, 'train', run) ? run : undefined);
  if (begun === undefined && config) return tunedUse(config, progress);
  return machineUseOf(openExistingRun(results, 'train', begun ?? '').record);
}

function toConfig(options: TrainCommandOptions, images: LoadedImages): TrainConfig {
  const trainSize = options.trainSize ?? numTrainImages(images, options.validationShare);
  if (options.batch > trainSize) {
    throw new BenchError('usage', `--batch ${options.batch} is more than the ${trainSize} training images.`);
  }
  return parseConfig({
    model: options.model,
    ...images.config,
    preprocessing: options.preprocessing === 'channels' ? undefined : options.preprocessing,
    schedule: options.schedule,
    maxLearningRate: options.maxLr,
    minLearningRate: options.minLr ?? options.maxLr / 20,
    cycleShare: options.cycleShare,
    maxMomentum: options.maxMomentum,
    minMomentum: options.minMomentum,
    constantMomentum: options.momentum,
    weightDecay: options.weightDecay,
    multipliers: options.multipliers === 'kernels' ? undefined : options.multipliers,
    batchSize: options.batch,
    steps:
      options.epochs * stepsPerEpoch({ numSamples: trainSize, batchSize: options.batch, dropLast: true }),
    trainSize,
    validationShare: options.validationShare,
    augmentation: options.augmentation,
    compile: options.compile,
    seed: options.seed,
    recalibrate: options.recalibrate === 0 ? undefined : options.recalibrate,
    testStatistics: options.testStatistics === 'running' ? undefined : options.testStatistics,
    dropout: options.dropout,
    batchNormMomentum: options.batchNormMomentum,
    batchNormGroups: options.batchNormGroups,
    scoreOn: options.validationShare > 0 ? ['validation', 'test'] : ['test'],
    evaluateEvery: options.evaluateEvery,
    checkpointEvery: options.checkpointEvery,
  } satisfies TrainConfig);
}

/** Checks what no single option shows, such as a minimum above the maximum. */
function parseConfig(config: unknown): TrainConfig {
  const { success, data, error } = trainConfigSchema.safeParse(config);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new BenchError('usage', `These settings don't go together: ${problems.join('; ')}.`);
}

function refuseOthersBesideResume(command: Command): void {
  const allowed = new Set(['resume', 'results', 'json']);
  for (const option of command.options) {
    const name = option.attributeName();
    if (!allowed.has(name) && command.getOptionValueSource(name) === 'cli') {
      throw new BenchError(
        'usage',
        `--resume goes on with the run's own settings; leave out ${option.long ?? name}.`,
      );
    }
  }
}

function describe(result: TrainResult, directory: RunDirectory): string {
  const percent = (value: number | null) => `${(100 * (value ?? NaN)).toFixed(2)} %`;
  return [
    result.reason === 'diverged'
      ? `diverged after ${result.steps} steps; scored as chance`
      : `${result.steps} steps in ${formatSeconds(result.seconds)}`,
    `test accuracy ${percent(result.testAccuracy)}, test loss ${(result.testLoss ?? NaN).toFixed(4)}`,
    ...(result.validationAccuracy === null
      ? []
      : [`validation accuracy ${percent(result.validationAccuracy)}`]),
    `weights ${result.weightsHash.slice(0, 16)}…, log in ${directory.path}`,
    ...(hasTrainedModel(directory)
      ? [`bench export ${result.run} writes the network for tfjs or PyTorch`]
      : []),
  ].join('\n');
}
