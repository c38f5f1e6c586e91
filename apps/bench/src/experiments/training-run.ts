import { createHash } from 'node:crypto';
import { parameterMultipliers } from '@superconvergence/models';
import { encodeSafeTensors, type NamedTensors } from '@superconvergence/safetensors';
import { constant, multiStep, oneCycle, triangular, type Schedule } from '@superconvergence/schedules';
import {
  decayEverything,
  decayKernels,
  evaluate,
  modelVariables,
  nonTrainableVariables,
  readVariables,
  recalibrateBatchNorm,
  sgd,
  train,
  type BatchSource,
  type ParameterMultipliers,
  type TrainEvent,
} from '@superconvergence/trainer';
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { BenchError } from '../errors.ts';
import { Interrupted } from '../interruption.ts';
import { formatSeconds, type Progress } from '../progress.ts';
import { machineUseOf, type RunDirectory } from '../run-directory.ts';
import { createNetwork } from './create-network.ts';
import type { Data } from './data.ts';
import { trainConfigSchema, type TrainConfig } from './train-config.ts';
import { saveTrainedModel } from './trained-model.ts';

export const trainResultSchema = z.object({
  run: z.string(),
  /** `null` where the run was not scored on these images. */
  testAccuracy: z.number().nullable(),
  testLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  validationLoss: z.number().nullable(),
  steps: z.number(),
  seconds: z.number(),
  reason: z.enum(['completed', 'diverged']),
  /** SHA-256 of the trained weights and moving averages. */
  weightsHash: z.string(),
});

export type TrainResult = z.infer<typeof trainResultSchema>;

/** Enough for a point on a curve; the scores at the end take all images. */
const maxCurveExamples = 1_000;

/** The schedules of a run: `multi-step` drops to a tenth at 62.5 % and 87.5 % of the steps (SC's 50,000 and 70,000 of 80,000). */
export function schedulesOf(config: TrainConfig): { learningRate: Schedule; momentum: Schedule } {
  const { steps, maxLearningRate, minLearningRate, cycleShare, maxMomentum, minMomentum } = config;
  const momentum = constant({ value: config.constantMomentum });
  switch (config.schedule) {
    case 'one-cycle':
      return oneCycle({
        totalSteps: steps,
        maxLearningRate,
        minLearningRate,
        cycleShare,
        maxMomentum,
        minMomentum,
      });
    case 'triangular':
      return {
        learningRate: triangular({
          minimum: minLearningRate,
          maximum: maxLearningRate,
          stepSize: Math.max(1, Math.floor(steps / 2)),
        }),
        momentum,
      };
    case 'multi-step': {
      const milestones = [...new Set([0.625, 0.875].map((share) => Math.max(1, Math.floor(share * steps))))];
      return { learningRate: multiStep({ initial: maxLearningRate, factor: 0.1, milestones }), momentum };
    }
    case 'constant':
      return { learningRate: constant({ value: maxLearningRate }), momentum };
  }
}

export interface TrainInDirectoryOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** What progress calls the run. Default: the network and its schedule. */
  readonly label?: string;
  /** Stores the trained network, too, unless it diverged. Default false. */
  readonly keepsModel?: boolean;
}

/**
 * Trains to the end in `directory`, from its checkpoint where there is one, and stores the result there. A finished run
 * is not done again.
 *
 * @throws Interrupted after `signal`, with a checkpoint saved
 */
export async function trainInDirectory(
  directory: RunDirectory,
  data: Data,
  { progress, signal, label, keepsModel = false }: TrainInDirectoryOptions,
): Promise<TrainResult> {
  if (directory.record.finishedAt !== undefined) return trainResultSchema.parse(directory.record.result);
  const config = trainConfigSchema.parse(directory.record.config);
  const startFrom = directory.loadCheckpoint();
  const secondsBefore = Number(directory.readLog().at(-1)?.seconds ?? 0);
  const startedAt = performance.now();
  const elapsed = () => secondsBefore + (performance.now() - startedAt) / 1000;
  const title = label ?? `${config.model} ${config.schedule}`;
  if (startFrom) progress.note(`${title}: going on from step ${startFrom.step}`);

  const { numClasses } = data.train;
  const { towers } = machineUseOf(directory.record);
  const model = createTrainedNetwork(config, data, towers);
  try {
    let last: Extract<TrainEvent, { type: 'done' }> | undefined;
    const evaluation =
      config.evaluateEvery > 0 && data.validation
        ? {
            data: data.validation,
            every: config.evaluateEvery,
            maxExamples: maxCurveExamples,
            statistics: config.testStatistics,
          }
        : undefined;
    const events = train({
      model,
      data: data.train,
      batchSize: config.batchSize,
      steps: config.steps,
      ...schedulesOf(config),
      weightDecay: config.weightDecay,
      seed: config.seed,
      checkpointEvery: config.checkpointEvery,
      compile: config.compile,
      optimizer: sgd({ multipliers: multipliersOf(config) }),
      towers,
      ...(evaluation ? { evaluation } : {}),
      ...(startFrom ? { startFrom } : {}),
      signal,
    });
    for await (const event of events) {
      if (event.type === 'checkpoint') directory.saveCheckpoint(event.state);
      else if (event.type === 'done') last = event;
      else directory.log({ ...event, seconds: elapsed() });
      if (event.type === 'step') {
        const left = ((config.steps - event.step) * config.batchSize) / event.imagesPerSecond;
        progress.update(
          `${title}  step ${event.step}/${config.steps}  loss ${event.loss.toFixed(3)}  rate ${event.learningRate.toPrecision(3)}  ` +
            `${Math.round(event.imagesPerSecond)} images/s  ${formatSeconds(left)} left`,
        );
      }
    }
    if (last?.reason === 'aborted' || last === undefined) throw new Interrupted();
    const trainSeconds = elapsed();
    if (last.reason === 'completed') await recalibrate(model, data.train, config, towers);
    const score =
      last.reason === 'diverged' ? () => chance(numClasses) : scorer(model, config, { title, progress });
    const test = config.scoreOn.includes('test') ? await score(data.test) : undefined;
    const validation =
      config.scoreOn.includes('validation') && data.validation ? await score(data.validation) : undefined;
    const tensors = await readVariables(modelVariables(model));
    const result: TrainResult = {
      run: directory.record.run,
      testAccuracy: test?.accuracy ?? null,
      testLoss: test?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      validationLoss: validation?.loss ?? null,
      steps: last.step,
      seconds: trainSeconds,
      reason: last.reason,
      weightsHash: hashOfWeights(tensors),
    };
    if (keepsModel && last.reason === 'completed') saveTrainedModel(directory, tensors, data);
    directory.finish(result);
    return result;
  } finally {
    model.dispose();
    progress.clear();
  }
}

function multipliersOf({ model, multipliers = 'kernels' }: TrainConfig): ParameterMultipliers {
  switch (multipliers) {
    case 'kernels':
      return decayKernels;
    case 'all':
      return decayEverything;
    case 'published':
      return parameterMultipliers(model);
  }
}

/**
 * Builds the network that a run trains, having checked what only the network and the data can tell.
 *
 * @throws BenchError `usage` for options that don't go together
 */
export function createTrainedNetwork(config: TrainConfig, data: Data, towers: number): tf.LayersModel {
  const model = createNetwork(config, data.train);
  try {
    checkBatchNorm(model, config, towers);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function checkBatchNorm(model: tf.LayersModel, config: TrainConfig, towers: number): void {
  const { model: name, batchSize, batchNormGroups = 1 } = config;
  if (nonTrainableVariables(model).length === 0) {
    const options = { '--recalibrate': config.recalibrate, '--test-statistics': config.testStatistics };
    for (const [option, value] of Object.entries(options)) {
      if (value === undefined) continue;
      throw new BenchError('usage', `${name} has no batch normalisation; leave out ${option}.`);
    }
  }
  if ((batchSize / towers) % batchNormGroups > 0) {
    const each = towers > 1 ? ` in ${towers} towers` : '';
    throw new BenchError(
      'usage',
      `--batch-norm-groups ${batchNormGroups} must divide the batch of ${batchSize}${each}.`,
    );
  }
}

/** A batch is of the size that batch norm saw in training: a tower's. */
async function recalibrate(
  model: tf.LayersModel,
  data: BatchSource,
  { recalibrate: numBatches, batchSize, seed, compile }: TrainConfig,
  towers: number,
): Promise<void> {
  if (numBatches === undefined) return;
  await recalibrateBatchNorm(model, data, {
    batchSize: batchSize / towers,
    numBatches: numBatches * towers,
    seed,
    compile,
  });
}

/** A network that diverged is scored as one that answers at random. */
function chance(numClasses: number): { accuracy: number; loss: number } {
  return { accuracy: 1 / numClasses, loss: Math.log(numClasses) };
}

function scorer(
  model: tf.LayersModel,
  { testStatistics: statistics }: TrainConfig,
  { title, progress }: { title: string; progress: Progress },
) {
  return (source: BatchSource) =>
    evaluate(model, source, {
      statistics,
      onBatch: (numDone) => {
        progress.update(`${title}  testing, ${numDone} of ${source.numExamples} images`);
      },
    });
}

/** SHA-256 of weights and moving averages. */
export function hashOfWeights(tensors: NamedTensors): string {
  return createHash('sha256')
    .update(encodeSafeTensors({ tensors, metadata: {} }))
    .digest('hex');
}
