import { compile } from '@superconvergence/compile';
import { stepsPerEpoch } from '@superconvergence/schedules';
import * as tf from '@tensorflow/tfjs';
import { applyWithBatchStatistics, batchNormLayers, movingAverages } from './batch-norm-layers.ts';
import type { BatchSource } from './batch-source.ts';

export interface RecalibrateBatchNormOptions {
  /** Images a batch. Variances depend on it a little: use that of training, and with towers a tower's share. */
  batchSize: number;
  /** Batches, whole ones, from the beginning of epoch 0. Default: one epoch. */
  numBatches?: number;
  /** Drives the order of the data and its augmentation, as in `train`. Default 0. */
  seed?: number;
  /** Called after every batch, with the number of batches done. */
  onBatch?: (numDone: number) => void;
  /** Ends it with the signal's reason as an error; the moving averages are then what they were. */
  signal?: AbortSignal;
  /** Runs each batch as one TensorFlow graph where TensorFlow is native. Default `true`. */
  compile?: boolean;
}

/**
 * Replaces the moving means and variances of all batch normalisations by the plain averages of batch statistics that the
 * present weights have. After fast training the moving averages lag behind the weights, and test accuracy with them;
 * averages of weights have none of their own at all.
 *
 * A batch's statistics are those that the layer collects itself (tfjs's own collects the biased variance), from batches
 * that are normalised by their own statistics, with dropout off. Weights stay as they are.
 *
 * @param data the training images, augmented as in training
 * @throws RangeError for a model without batch normalisation, one with momentum 1, and counts out of range
 * @see torch.optim.swa_utils.update_bn, which leaves dropout on; Izmailov et al., https://arxiv.org/abs/1803.05407, §3.2
 */
export async function recalibrateBatchNorm(
  model: tf.LayersModel,
  data: BatchSource,
  options: RecalibrateBatchNormOptions,
): Promise<void> {
  const { batchSize, seed = 0, signal } = options;
  const epochSteps = stepsPerEpoch({ numSamples: data.numExamples, batchSize, dropLast: true });
  const { numBatches = epochSteps } = options;
  if (!Number.isInteger(numBatches) || numBatches < 1)
    throw new RangeError(`numBatches must be a positive integer; got ${numBatches}`);
  const averages = averagesOf(model);
  const addStatistics = compile(statisticsAdder(model, averages), { eager: options.compile === false });
  try {
    for (let step = 0; step < numBatches; step++) {
      signal?.throwIfAborted();
      const epoch = Math.floor(step / epochSteps);
      const batch = data.batch({ epoch, index: step % epochSteps, batchSize, seed });
      const images = tf.tensor4d(batch.images, [batchSize, ...data.imageShape]);
      await addStatistics(images).finally(() => {
        images.dispose();
      });
      options.onBatch?.(step + 1);
      await tf.nextFrame();
    }
    signal?.throwIfAborted();
    tf.tidy(() => {
      for (const { variable, sum } of averages) variable.assign(sum.div(numBatches));
    });
  } finally {
    addStatistics.dispose();
    for (const { sum } of averages) sum.dispose();
  }
}

/** A moving mean or variance, and the sum of what it is an average of. */
interface Average {
  readonly layer: tf.layers.Layer;
  readonly momentum: number;
  readonly variable: tf.Variable;
  readonly sum: tf.Variable;
}

function averagesOf(model: tf.LayersModel): Average[] {
  const layers = batchNormLayers(model);
  if (layers.length === 0) throw new RangeError('the model has no batch normalisation to recalibrate');
  for (const layer of layers) {
    const momentum = momentumOf(layer);
    if (momentum >= 0 && momentum < 1) continue;
    throw new RangeError(
      `batch normalisation ${layer.name} must have a momentum in [0, 1), so that its averages move; got ${momentum}`,
    );
  }
  return layers.flatMap((layer) =>
    movingAverages(layer).map(({ variable }) => ({
      layer,
      momentum: momentumOf(layer),
      variable,
      sum: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    })),
  );
}

function momentumOf(layer: tf.layers.Layer): number {
  return Number(layer.getConfig().momentum);
}

/**
 * Adds a batch's statistics to the sums and leaves the moving averages as they are. No layer tells its statistics, but
 * an average that starts at 0 is afterwards `(1 − m) · statistic`; of a layer that is used k times
 * `(1 − m) · Σ mᵏ⁻ʲ · statisticⱼ`, which over `1 − mᵏ` is what its moving average tends to.
 */
function statisticsAdder(model: tf.LayersModel, averages: readonly Average[]): (images: tf.Tensor4D) => void {
  return (images) => {
    const kept = averages.map(({ variable }) => tf.clone(variable));
    for (const { variable } of averages) variable.assign(tf.zeros(variable.shape));
    const numCalls = new Map<tf.layers.Layer, number>();
    try {
      const onCall = (layer: tf.layers.Layer) => numCalls.set(layer, (numCalls.get(layer) ?? 0) + 1);
      applyWithBatchStatistics(model, images, { onCall });
      for (const { layer, momentum, variable, sum } of averages) {
        sum.assign(sum.add(variable.div(1 - momentum ** (numCalls.get(layer) ?? 0))));
      }
    } finally {
      for (const [i, { variable }] of averages.entries()) variable.assign(kept[i] as tf.Tensor);
    }
  };
}
