import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import type { BatchSource } from './batch-source.ts';
import { nonTrainableVariables } from './model-variables.ts';

export interface EvaluateOptions {
  /** Images a forward pass. Default 500. */
  batchSize?: number;
  /**
   * What batch norm normalises with: its moving averages (`'running'`, the default and what a deployed model does) or
   * the statistics of each evaluated batch (`'batch'`, which judges the weights alone and not averages that lag behind
   * them; the moving averages are left as they were).
   */
  statistics?: 'running' | 'batch';
  /** Evaluate only the first so many examples. Default: all. */
  maxExamples?: number;
  /** Called after every batch, with the number of images done. */
  onBatch?: (numDone: number) => void;
  signal?: AbortSignal;
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
  const { batchSize = 500, statistics = 'running', maxExamples = data.numExamples, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`batchSize must be a positive integer; got ${batchSize}`);
  if (!(maxExamples >= 1)) throw new RangeError(`maxExamples must be at least 1; got ${maxExamples}`);
  const numExamples = Math.min(maxExamples, data.numExamples);
  const restore = statistics === 'batch' ? keepMovingAverages(model) : undefined;
  let loss = 0;
  let numRight = 0;
  let numDone = 0;
  try {
    for (let index = 0; numDone < numExamples; index++) {
      signal?.throwIfAborted();
      const { images, labels } = data.batch({ epoch: 0, index, batchSize, seed: 0 });
      const n = Math.min(labels.length, numExamples - numDone);
      const sums = tf.tidy(() => {
        const x = tf.tensor4d(images, [labels.length, ...data.imageShape]).slice(0, n);
        const y = tf.tensor1d(labels, 'int32').slice(0, n);
        const logits = model.apply(x, { training: statistics === 'batch' }) as tf.Tensor2D;
        const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), y), 'float32'));
        return tf.stack([tf.sum(softmaxCrossEntropy(logits, y)), right]);
      });
      const [batchLoss = NaN, batchRight = NaN] = await sums.data();
      sums.dispose();
      loss += batchLoss;
      numRight += batchRight;
      numDone += n;
      options.onBatch?.(numDone);
      await tf.nextFrame();
    }
  } finally {
    restore?.();
  }
  return { loss: loss / numExamples, accuracy: numRight / numExamples, numExamples };
}

function keepMovingAverages(model: tf.LayersModel): () => void {
  const kept = nonTrainableVariables(model).map(({ variable }) => ({ variable, value: tf.clone(variable) }));
  return () => {
    for (const { variable, value } of kept) {
      variable.assign(value);
      value.dispose();
    }
  };
}
