import { compile } from '@superconvergence/compile';
import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { applyWithBatchStatistics } from './batch-norm-layers.ts';
import type { BatchSource } from './batch-source.ts';
import { nonTrainableVariables } from './model-variables.ts';

export interface EvaluateOptions {
  /** Images a forward pass. Default 500. */
  batchSize?: number;
  /**
   * What batch norm normalises with: its moving averages (`'running'`, the default and what a deployed model does) or
   * the statistics of each evaluated batch (`'batch'`, which judges the weights alone and not averages that lag behind
   * them; the moving averages are left as they were). There is no dropout with either.
   */
  statistics?: 'running' | 'batch';
  /** Evaluate only the first so many examples. Default: all. */
  maxExamples?: number;
  /** Called after every batch, with the number of images done. */
  onBatch?: (numDone: number) => void;
  signal?: AbortSignal;
  /** Runs each batch as one TensorFlow graph where TensorFlow is native. Default `true`. */
  compile?: boolean;
}

export interface Evaluation {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of right answers, 0 … 1. */
  readonly accuracy: number;
  readonly numExamples: number;
}

/** Mean loss and accuracy of `model` (which gives logits) over `data`, in the data's own order of epoch 0. */
export async function evaluate(
  model: tf.LayersModel,
  data: BatchSource,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const functions = compile(scoreFunctions(model), { eager: options.compile === false });
  try {
    return await scoreWith(functions, data, options);
  } finally {
    functions.dispose();
  }
}

type Score = (images: tf.Tensor4D, labels: tf.Tensor1D) => tf.Tensor1D;

/**
 * The functions that score a batch: `[2]`, the sum of its losses and the number of right answers, with either statistics.
 * They change nothing.
 */
export function scoreFunctions(model: tf.LayersModel): Record<'scoreRunning' | 'scoreBatch', Score> {
  const averages = nonTrainableVariables(model).map(({ variable }) => variable);
  const score = (output: tf.Tensor, labels: tf.Tensor1D) => {
    const logits = output as tf.Tensor2D;
    const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
    return tf.stack([tf.sum(softmaxCrossEntropy(logits, labels)), right]) as tf.Tensor1D;
  };
  return {
    scoreRunning: (images, labels) => score(model.apply(images, { training: false }) as tf.Tensor, labels),
    scoreBatch(images, labels) {
      const kept = averages.map((variable) => tf.clone(variable));
      const sums = score(applyWithBatchStatistics(model, images, { batchNormGroups: 1 }), labels);
      for (const [i, variable] of averages.entries()) variable.assign(kept[i] as tf.Tensor);
      return sums;
    },
  };
}

/** Does what `evaluate` does with compiled `scoreFunctions`. */
export async function scoreWith(
  functions: Record<'scoreRunning' | 'scoreBatch', (...args: Parameters<Score>) => Promise<tf.Tensor1D>>,
  data: BatchSource,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { batchSize = 500, statistics = 'running', maxExamples = data.numExamples, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`batchSize must be a positive integer; got ${batchSize}`);
  if (!(maxExamples >= 1)) throw new RangeError(`maxExamples must be at least 1; got ${maxExamples}`);
  const numExamples = Math.min(maxExamples, data.numExamples);
  const imageSize = data.imageShape.reduce((product, size) => product * size, 1);
  const score = statistics === 'batch' ? functions.scoreBatch : functions.scoreRunning;
  let loss = 0;
  let numRight = 0;
  let numDone = 0;
  for (let index = 0; numDone < numExamples; index++) {
    signal?.throwIfAborted();
    const batch = data.batch({ epoch: 0, index, batchSize, seed: 0 });
    const n = Math.min(batch.labels.length, numExamples - numDone);
    const images = tf.tensor4d(batch.images.subarray(0, n * imageSize), [n, ...data.imageShape]);
    const labels = tf.tensor1d(batch.labels.subarray(0, n), 'int32');
    const sums = await score(images, labels);
    const [batchLoss = NaN, batchRight = NaN] = await sums.data();
    tf.dispose([images, labels, sums]);
    loss += batchLoss;
    numRight += batchRight;
    numDone += n;
    options.onBatch?.(numDone);
    await tf.nextFrame();
  }
  return { loss: loss / numExamples, accuracy: numRight / numExamples, numExamples };
}
