import type * as tf from '@tensorflow/tfjs';

/** One layer's row of a {@link ModelSummary}. */
export type LayerSummary = {
  name: string;
  /** The layer's class, as it is saved: `Conv2D`, `BatchNormalization`, … */
  type: string;
  /** Shape of the output; the batch axis is null. */
  outputShape: readonly (number | null)[];
  /** Trainable parameters. */
  parameters: number;
  /** Multiply-accumulates for one example, forward; 0 but for convolutions and dense layers. */
  multiplyAccumulates: number;
};

/** What {@link summarise} finds in a model. */
export type ModelSummary = {
  layers: LayerSummary[];
  /** Trainable parameters. */
  parameters: number;
  /** Multiply-accumulates of convolutions and dense layers for one example, forward. */
  multiplyAccumulates: number;
  /**
   * Multiply-accumulates for one example of the gradients that flow back through convolutions and dense layers: all
   * but the first, whose input is the image. The weights' gradients cost `multiplyAccumulates` once more.
   */
  inputGradientMultiplyAccumulates: number;
};

/** Layers whose kernel is applied once at every output position. */
const COUNTED = new Set(['Dense', 'Conv1D', 'Conv2D', 'Conv3D', 'DepthwiseConv2D', 'GroupedConvolution2D']);

/** Layers with multiply-accumulates that the rule does not cover. */
const NOT_COUNTED =
  /^(Conv\dDTranspose|Separable|ConvLSTM|LSTM|GRU|SimpleRNN|RNN|Bidirectional|TimeDistributed)/;

/**
 * Counts the parameters and multiply-accumulates of a built model, layer by layer, from its weights and shapes.
 *
 * One training step costs `2·multiplyAccumulates + inputGradientMultiplyAccumulates` per example.
 *
 * @param model a functional or sequential model with one known image size and channels last
 * @throws RangeError for a layer it cannot count (recurrent, transposed or separable), or an unknown image size
 * @example
 * summarise(createModel('resnet-20')).parameters; // 224042
 */
export function summarise(model: tf.LayersModel): ModelSummary {
  const layers = model.layers.map(summariseLayer);
  const counted = layers.filter((layer) => layer.multiplyAccumulates > 0);
  const multiplyAccumulates = sum(counted.map((layer) => layer.multiplyAccumulates));
  return {
    layers,
    parameters: sum(layers.map((layer) => layer.parameters)),
    multiplyAccumulates,
    inputGradientMultiplyAccumulates: multiplyAccumulates - (counted[0]?.multiplyAccumulates ?? 0),
  };
}

function summariseLayer(layer: tf.layers.Layer): LayerSummary {
  const type = layer.getClassName();
  if (NOT_COUNTED.test(type)) {
    throw new RangeError(`cannot count the multiply-accumulates of layer ${layer.name} of type ${type}`);
  }
  const outputShape = layer.outputShape as (number | null)[];
  return {
    name: layer.name,
    type,
    outputShape,
    parameters: sum(layer.trainableWeights.map((weight) => size(weight.shape))),
    multiplyAccumulates: COUNTED.has(type) ? countMultiplyAccumulates(layer, outputShape) : 0,
  };
}

function countMultiplyAccumulates(layer: tf.layers.Layer, outputShape: (number | null)[]): number {
  const positions = outputShape.slice(1, -1);
  if (positions.includes(null)) {
    throw new RangeError(`the model must have a known image size, but layer ${layer.name} has none`);
  }
  const kernel = layer.weights[0];
  return kernel === undefined ? 0 : size(kernel.shape) * size(positions);
}

function size(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, dimension) => product * (dimension ?? 1), 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
