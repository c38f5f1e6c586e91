import { compile } from '@superconvergence/compile';
import { stepsPerEpoch } from '@superconvergence/schedules';
import * as tf from '@tensorflow/tfjs';
import type { Batch, BatchSource } from './batch-source.ts';
import { dropoutSeed } from './dropout-seed.ts';
import { scoreFunctions, scoreWith, type EvaluateOptions, type Evaluation } from './evaluate.ts';
import { modelVariables, trainableVariables } from './model-variables.ts';
import { sgd, type OptimizerFactory } from './sgd.ts';
import { readVariables, writeVariables, type TrainingState } from './training-state.ts';
import { trainingStep, type StepInputs, type TrainingStepOptions } from './training-step.ts';

/** A value for every step (0-based), or one for all. Schedules of `@superconvergence/schedules` are such functions. */
export type Scheduled = number | ((step: number) => number);

export interface TrainOptions extends TrainingStepOptions {
  /** Gives logits, `[N, numClasses]`. It is trained in place. */
  model: tf.LayersModel;
  data: BatchSource;
  batchSize: number;
  /** Updates in the whole run, those before `startFrom` included. */
  steps: number;
  learningRate: Scheduled;
  /** Default 0.9. */
  momentum?: Scheduled;
  /** Coupled L2 penalty; what it applies to is the optimiser's `multipliers`. Default 5e-4. */
  weightDecay?: Scheduled;
  /** Default `sgd()`: Nesterov, torch's form, weight decay on kernels only. */
  optimizer?: OptimizerFactory;
  /** Drives the order of the data, its augmentation, and dropout. Default 0. */
  seed?: number;
  /** Steps between `step` events. Each reads the loss back, which waits for the device. Default 10. */
  logEvery?: number;
  /** Evaluates every so many steps, and at the end. */
  evaluation?: EvaluateOptions & { data: BatchSource; every: number };
  /** Steps between `checkpoint` events. Default: none but the one after an abort. */
  checkpointEvery?: number;
  /** Goes on from here. With otherwise equal options the result is the one of a run that never stopped. */
  startFrom?: TrainingState;
  /**
   * Runs each step, and each batch of an evaluation, as one TensorFlow graph where TensorFlow is native. Default `true`;
   * `false` runs one operation after the other, several times slower, with the same results but for rounding.
   */
  compile?: boolean;
  /** Ends the run after the step in hand, with a checkpoint and the reason `aborted`. */
  signal?: AbortSignal;
}

export type TrainEvent =
  | {
      readonly type: 'step';
      /** Updates done. */
      readonly step: number;
      readonly epoch: number;
      /** Mean training loss since the last `step` event. */
      readonly loss: number;
      /** What the last of these steps used. */
      readonly learningRate: number;
      readonly momentum: number;
      readonly weightDecay: number;
      /** Images a second since the last `step` event, evaluation and checkpoints left out. */
      readonly imagesPerSecond: number;
    }
  | ({ readonly type: 'evaluation'; readonly step: number } & Evaluation)
  | { readonly type: 'checkpoint'; readonly step: number; readonly state: TrainingState }
  | { readonly type: 'done'; readonly step: number; readonly reason: 'completed' | 'diverged' | 'aborted' };

/**
 * Trains a classifier, as an async iterable of events: log them, plot them, or `break` out of the loop to stop.
 * Divergence (a loss that is no longer finite) is a result, `reason: 'diverged'`, and not an exception.
 *
 * @throws RangeError for arguments out of range, TrainerError for a `startFrom` of another network.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, void> {
  const {
    model,
    data,
    batchSize,
    steps,
    seed = 0,
    logEvery = 10,
    checkpointEvery = Infinity,
    signal,
  } = options;
  checkCounts({ steps, logEvery, checkpointEvery });
  // Whole batches only, so that every step has the same shape.
  const epochSteps = stepsPerEpoch({ numSamples: data.numExamples, batchSize, dropLast: true });
  const hyperparameters = {
    learningRate: asSchedule(options.learningRate),
    momentum: asSchedule(options.momentum ?? 0.9),
    weightDecay: asSchedule(options.weightDecay ?? 5e-4),
  };
  const optimizer = (options.optimizer ?? sgd())(trainableVariables(model));
  const stateVariables = [...modelVariables(model), ...optimizer.slots];
  let step = options.startFrom?.step ?? 0;
  const lossSum = tf.tidy(() => tf.variable(tf.scalar(options.startFrom?.lossSum ?? 0), false));
  const runStep = trainingStep(model, optimizer, options);
  const functions = compile(
    {
      train(images: tf.Tensor4D, labels: tf.Tensor1D, inputs: StepInputs) {
        lossSum.assign(tf.add(lossSum, runStep(images, labels, inputs)));
      },
      ...scoreFunctions(model),
    },
    { eager: options.compile === false },
  );
  const checkpoint = async () => ({
    type: 'checkpoint' as const,
    step,
    state: { step, lossSum: (await lossSum.data())[0] ?? 0, tensors: await readVariables(stateVariables) },
  });

  try {
    if (options.startFrom) writeVariables(stateVariables, options.startFrom.tensors);
    let stepsSinceLog = step % logEvery;
    let stepsTimed = 0;
    let secondsSinceLog = 0;

    const batchOf = (index: number) => {
      const epoch = Math.floor(index / epochSteps);
      return data.batch({ epoch, index: index % epochSteps, batchSize, seed });
    };
    let batch: Batch | undefined;

    while (step < steps) {
      if (signal?.aborted) {
        yield await checkpoint();
        yield { type: 'done', step, reason: 'aborted' };
        return;
      }
      const startedAt = performance.now();
      const epoch = Math.floor(step / epochSteps);
      const used = {
        learningRate: hyperparameters.learningRate(step),
        momentum: hyperparameters.momentum(step),
        weightDecay: hyperparameters.weightDecay(step),
      };
      batch ??= batchOf(step);
      const images = tf.tensor4d(batch.images, [batch.labels.length, ...data.imageShape]);
      const labels = tf.tensor1d(batch.labels, 'int32');
      const inputs = {
        learningRate: tf.scalar(used.learningRate),
        momentum: tf.scalar(used.momentum),
        weightDecay: tf.scalar(used.weightDecay),
        dropoutSeed: tf.tensor1d(dropoutSeed(seed, step), 'int32'),
      };
      const running = functions.train(images, labels, inputs);
      // While the step runs.
      batch = step + 1 < steps ? batchOf(step + 1) : undefined;
      await running;
      tf.dispose([images, labels, Object.values(inputs)]);
      step += 1;
      stepsSinceLog += 1;
      stepsTimed += 1;
      const isLogged = step % logEvery === 0 || step === steps;
      const sum = isLogged ? (await lossSum.data())[0] : undefined;
      secondsSinceLog += (performance.now() - startedAt) / 1000;

      if (sum !== undefined) {
        const imagesPerSecond = (stepsTimed * batchSize) / secondsSinceLog;
        const loss = sum / stepsSinceLog;
        yield { type: 'step', step, epoch, loss, ...used, imagesPerSecond };
        if (!Number.isFinite(loss)) {
          yield { type: 'done', step, reason: 'diverged' };
          return;
        }
        tf.tidy(() => {
          lossSum.assign(tf.scalar(0));
        });
        stepsSinceLog = 0;
        stepsTimed = 0;
        secondsSinceLog = 0;
      }
      if (options.evaluation && (step % options.evaluation.every === 0 || step === steps)) {
        yield {
          type: 'evaluation',
          step,
          ...(await scoreWith(functions, options.evaluation.data, options.evaluation)),
        };
      }
      if (step % checkpointEvery === 0 && step < steps) {
        yield await checkpoint();
      }
      // Lets timers, signals and other work in, since a step that isn't compiled blocks the event loop.
      await tf.nextFrame();
    }
    yield { type: 'done', step, reason: 'completed' };
  } finally {
    functions.dispose();
    optimizer.dispose();
    lossSum.dispose();
  }
}

function asSchedule(value: Scheduled): (step: number) => number {
  return typeof value === 'number' ? () => value : value;
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value === Infinity && name === 'checkpointEvery') continue;
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer; got ${value}`);
  }
}
