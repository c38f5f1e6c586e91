import { PerformanceObserver } from 'node:perf_hooks';
import { compile, computeToo, type CompileOptions } from '@superconvergence/compile';
import { createModel, summarise, type ModelName } from '@superconvergence/models';
import {
  dropoutSeed,
  lossAndGradients,
  sgd,
  trainableVariables,
  trainingStep,
} from '@superconvergence/trainer';
import * as tf from '@tensorflow/tfjs';
import { processThreads, type EngineSummary } from '../engine.ts';
import { formatSeconds, type Progress } from '../progress.ts';
import type { RunDirectory } from '../run-directory.ts';

export interface TimingOptions {
  readonly model: ModelName;
  readonly batchSize: number;
  /** Timed iterations, after two untimed ones. */
  readonly iterations: number;
  /**
   * `forward-backward` computes the loss and every gradient, `update` applies them as well (Nesterov momentum and
   * weight decay), `forward` computes the loss alone.
   */
  readonly mode: 'forward-backward' | 'update' | 'forward';
  /** Each iteration as one TensorFlow graph, or one operation after the other. */
  readonly compile: boolean;
  /** Its threads are those of a compiled iteration, also where the process has others; its towers count in `update`. */
  readonly engine: EngineSummary;
  readonly onIteration?: (done: number, seconds: number) => void;
  readonly signal?: AbortSignal;
}

/** One model's timing; the fields of the command line's contract, and each iteration's time. */
export interface TimingResult {
  readonly model: string;
  readonly batchSize: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly secondsPerIteration: number;
  readonly imagesPerSecond: number;
  /** 2 × multiply-accumulates of convolutions and dense layers: forward, weight gradients, input gradients. */
  readonly gflopsPerSecond: number;
  /** Share of the time that Node spent collecting garbage. */
  readonly gcPercent: number;
  readonly tensorsAllocated: number;
  readonly bytesAllocated: number;
  readonly peakRssBytes: number;
  /** `null` where the device has no memory of its own. */
  readonly deviceMemoryBytes: number | null;
  readonly engine: EngineSummary;
  readonly mode: TimingOptions['mode'];
  readonly compile: boolean;
  readonly iterationSeconds: readonly number[];
  /** Of one image's forward pass. */
  readonly multiplyAccumulates: number;
  /** Trainable variables whose gradient each iteration computed. */
  readonly gradients: number;
}

/** What decides a timing, beside the machine. */
export type TimingConfig = Pick<TimingOptions, 'model' | 'batchSize' | 'iterations' | 'mode' | 'compile'>;

/** Takes a timing and stores it in `directory`. A finished one is not taken again. */
export async function timeInDirectory(
  directory: RunDirectory,
  config: TimingConfig,
  { engine, progress, signal }: { engine: EngineSummary; progress: Progress; signal: AbortSignal },
): Promise<TimingResult> {
  const { model, batchSize, iterations, mode, compile } = config;
  if (directory.record.finishedAt !== undefined) return directory.record.result as TimingResult;
  progress.note(
    `${model}: ${iterations} iterations of ${batchSize} images, ${mode}${compile ? '' : ', not compiled'}, after ${warmUpIterations} untimed ones`,
  );
  const onIteration = (done: number, seconds: number) => {
    directory.log({ step: done, seconds });
    progress.update(`${model}  ${done}/${iterations}  ${formatSeconds(seconds)} each`);
  };
  try {
    const result = await measureTiming({ ...config, engine, signal, onIteration });
    directory.finish(result);
    return result;
  } finally {
    progress.clear();
  }
}

const warmUpIterations = 2;

/** Times training iterations on one batch of random images, as domluna/SuperConvergence does with WRN-16-10. */
export async function measureTiming(options: TimingOptions): Promise<TimingResult> {
  const { batchSize, iterations, mode, engine, signal } = options;
  const model = createModel(options.model);
  const workload = createWorkload(model, options);
  const garbage = watchGarbageCollection();
  try {
    let bytesPerIteration = 0;
    for (let i = 0; i < warmUpIterations; i++) {
      bytesPerIteration = await countAllocatedBytes(workload.iterate);
      signal?.throwIfAborted();
    }
    const firstTensor = newTensorId();
    garbage.reset();
    const iterationSeconds: number[] = [];
    for (let done = 1; done <= iterations; done++) {
      const startedAt = performance.now();
      await workload.iterate();
      iterationSeconds.push((performance.now() - startedAt) / 1000);
      options.onIteration?.(done, iterationSeconds.at(-1) ?? 0);
      await tf.nextFrame();
      signal?.throwIfAborted();
    }
    const seconds = iterationSeconds.reduce((sum, value) => sum + value, 0);
    const imagesPerSecond = (batchSize * iterations) / seconds;
    const { multiplyAccumulates, inputGradientMultiplyAccumulates } = summarise(model);
    const backward = mode === 'forward' ? 0 : multiplyAccumulates + inputGradientMultiplyAccumulates;
    return {
      model: options.model,
      batchSize,
      iterations,
      seconds,
      secondsPerIteration: seconds / iterations,
      imagesPerSecond,
      gflopsPerSecond: (2 * (multiplyAccumulates + backward) * imagesPerSecond) / 1e9,
      gcPercent: (100 * garbage.seconds()) / seconds,
      tensorsAllocated: newTensorId() - firstTensor - 1,
      bytesAllocated: bytesPerIteration * iterations,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      deviceMemoryBytes: null,
      engine,
      mode,
      compile: options.compile,
      iterationSeconds,
      multiplyAccumulates,
      gradients: workload.gradients,
    };
  } finally {
    garbage.stop();
    workload.dispose();
    model.dispose();
  }
}

/** Training iterations of one model on one batch of random images. */
export interface Workload {
  /** One iteration. */
  readonly iterate: () => Promise<void>;
  readonly gradients: number;
  dispose(): void;
}

export function createWorkload(
  model: tf.LayersModel,
  options: Pick<TimingOptions, 'batchSize' | 'mode' | 'compile' | 'engine'>,
): Workload {
  const { batchSize, mode, engine } = options;
  const [, ...imageShape] = model.inputs[0]?.shape ?? [];
  const numClasses = model.outputs[0]?.shape[1] ?? 0;
  const images = tf.randomNormal<tf.Rank.R4>(
    [batchSize, ...imageShape.map(Number)] as [number, number, number, number],
    0,
    1,
    'float32',
    1,
  );
  const labels = tf.tidy(() =>
    tf.tensor1d(
      Array.from({ length: batchSize }, (_, i) => i % numClasses),
      'int32',
    ),
  );
  const variables = trainableVariables(model);
  const optimizer = mode === 'update' ? sgd()(variables) : undefined;
  const inputs = {
    learningRate: tf.scalar(1e-3),
    momentum: tf.scalar(0.9),
    weightDecay: tf.scalar(5e-4),
    dropoutSeed: tf.tensor1d(dropoutSeed(1, 0), 'int32'),
  };
  const update = optimizer && trainingStep(model, optimizer, { towers: engine.towers });
  const iteration = compile(
    (x: tf.Tensor4D, y: tf.Tensor1D, given: typeof inputs): tf.Tensor => {
      const seed = { dropoutSeed: given.dropoutSeed };
      if (mode === 'forward') return lastOf([model.apply(x, { ...seed, training: true }) as tf.Tensor]);
      // The first layer's weights are updated with the gradient that is computed last.
      if (update)
        return lastOf([update(x, y, given), ...variables.slice(0, 1).map(({ variable }) => variable)]);
      const { loss, gradients } = lossAndGradients(model, variables, x, y, seed);
      return lastOf([loss, ...gradients.slice(1), ...gradients.slice(0, 1)]);
    },
    { eager: !options.compile, ...sessionThreads(engine) },
  );
  const iterate = async () => {
    const last = await iteration(images, labels, inputs);
    await last.data();
    last.dispose();
  };
  return {
    iterate,
    gradients: mode === 'forward' ? 0 : variables.length,
    dispose() {
      iteration.dispose();
      optimizer?.dispose();
      tf.dispose([images, labels, Object.values(inputs)]);
    },
  };
}

/** Only where they are not the process's, since threads of a session's own come on top of those. */
function sessionThreads({ threads, interOpThreads }: EngineSummary): CompileOptions {
  const given = processThreads();
  if (threads === given.intraOpThreads && interOpThreads === given.interOpThreads) return {};
  return { intraOpThreads: threads, interOpThreads };
}

/**
 * Has all tensors computed and gives one number of the last. A device computes in order, so reading that waits for all of
 * them.
 */
function lastOf(tensors: readonly tf.Tensor[]): tf.Tensor {
  computeToo(tensors);
  return (tensors.at(-1) as tf.Tensor).flatten().slice(0, 1);
}

async function countAllocatedBytes(iterate: () => Promise<void>): Promise<number> {
  const { kernels, result } = await tf.profile(async () => {
    await iterate();
    return tf.scalar(0);
  });
  tf.dispose(result);
  return kernels.reduce((sum, { bytesAdded }) => sum + Math.max(0, bytesAdded), 0);
}

/** Tensors are numbered as they are made. */
function newTensorId(): number {
  return tf.tidy(() => tf.scalar(0).id);
}

function watchGarbageCollection() {
  let milliseconds = 0;
  const add = (entries: readonly { duration: number }[]) => {
    for (const { duration } of entries) milliseconds += duration;
  };
  const observer = new PerformanceObserver((list) => {
    add(list.getEntries());
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    reset() {
      observer.takeRecords();
      milliseconds = 0;
    },
    seconds() {
      add(observer.takeRecords());
      return milliseconds / 1000;
    },
    stop() {
      observer.disconnect();
    },
  };
}
