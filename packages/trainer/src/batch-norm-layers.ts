import * as tf from '@tensorflow/tfjs';
import { toNamedVariable, type NamedVariable } from './model-variables.ts';

/** The layers of `model`, and of models inside it, that keep moving averages of what they normalise with. */
export function batchNormLayers(model: tf.LayersModel): tf.layers.Layer[] {
  const layers = model.layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? batchNormLayers(layer) : [layer],
  );
  return [...new Set(layers)].filter((layer) => movingAverages(layer).length > 0);
}

/** The moving mean and variance of a layer, found by the names that Keras and tfjs give them. */
export function movingAverages(layer: tf.layers.Layer): NamedVariable[] {
  return layer.weights
    .filter(({ originalName }) => /\/moving_(mean|variance)$/.test(originalName))
    .map(toNamedVariable);
}

/**
 * The output of `model` where batch norm does what it does in training (it normalises with the batch's statistics and
 * moves its averages), and every other layer what it does in inference: there is no dropout.
 *
 * @param options.batchNormGroups overrides the groups of ghost batch norm (layers of `@superconvergence/models`)
 * @param options.onCall called whenever a batch norm is
 */
export function applyWithBatchStatistics(
  model: tf.LayersModel,
  images: tf.Tensor,
  options: BatchStatisticsOptions = {},
): tf.Tensor {
  const restorers = batchNormLayers(model).map((layer) => keepInTraining(layer, options));
  try {
    return model.apply(images, { training: false }) as tf.Tensor;
  } finally {
    for (const restore of restorers) restore();
  }
}

interface BatchStatisticsOptions {
  batchNormGroups?: number;
  onCall?: (layer: tf.layers.Layer) => void;
}

/** Has a layer called as in training, whatever the model is called with; returns what ends it. */
function keepInTraining(
  layer: tf.layers.Layer,
  { batchNormGroups, onCall }: BatchStatisticsOptions,
): () => void {
  const own = Object.getOwnPropertyDescriptor(layer, 'call');
  const call = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    onCall?.(layer);
    return call(inputs, { ...kwargs, training: true, batchNormGroups });
  };
  return () => {
    if (own) Object.defineProperty(layer, 'call', own);
    else Reflect.deleteProperty(layer, 'call');
  };
}
