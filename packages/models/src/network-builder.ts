import * as tf from '@tensorflow/tfjs';
import { BatchNormalization } from './batch-normalization-layer.ts';
import { Convolution2D } from './convolution-layer.ts';
import type { Initialiser } from './initial-weights.ts';
import { ReLU } from './relu-layer.ts';

/** Added to the variance by batch normalisation: the default of Caffe's, cuDNN's and PyTorch's layers. */
const BATCH_NORM_EPSILON = 1e-5;

/** What all networks have in common. */
export type NetworkSettings = {
  classes: number;
  /** Height, width, channels. */
  inputShape: readonly [number, number, number];
  batchNormMomentum: number;
  batchNormGroups: number;
};

/** A family's initialisation of convolution kernels and of the classifier. */
export type InitialisationRule = {
  /** Kernels are N(0, 2/n): n counts the inputs of an output (`in`) or the outputs of an input (`out`). */
  convolutionFan: 'in' | 'out';
  /** Classifier weights are uniform in ±√(numerator/inputs). */
  denseNumerator: 1 | 3;
  /** Classifier biases are uniform in the same range as its weights, or zero. */
  denseBias: 'uniform' | 'zero';
};

/** Builds layers with readable names and remembers how each weight is to be initialised. */
export type NetworkBuilder = {
  input: tf.SymbolicTensor;
  convolution: (
    x: tf.SymbolicTensor,
    name: string,
    options: { filters: number; kernelSize: 1 | 3 | 7; strides?: number; useBias: boolean },
  ) => tf.SymbolicTensor;
  batchNorm: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  relu: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  add: (x: tf.SymbolicTensor, y: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** Appends `count` channels of zeros. */
  zeroChannels: (x: tf.SymbolicTensor, name: string, count: number) => tf.SymbolicTensor;
  /** 3×3 with stride 2, on even sizes as Caffe's: windows start at the first pixel, what hangs over the edge isn't counted. */
  averagePool: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** 3×3 with stride 2, one pixel of border. The input must not be negative: the border is made of zeros. */
  maxPool: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** Global average pooling and the fully connected layer that gives the logits. */
  classifier: (x: tf.SymbolicTensor) => tf.SymbolicTensor;
  initialisers: Map<string, Initialiser>;
};

/** A builder for one network. */
export function networkBuilder(settings: NetworkSettings, rule: InitialisationRule): NetworkBuilder {
  const initialisers = new Map<string, Initialiser>();
  const input = tf.input({ shape: [...settings.inputShape], name: 'input' });
  const zeroBorder = (x: tf.SymbolicTensor, name: string, width: number): tf.SymbolicTensor =>
    apply(tf.layers.zeroPadding2d({ name, padding: width }), x);

  return {
    input,
    initialisers,
    convolution: (x, name, { filters, kernelSize, strides = 1, useBias }) => {
      const channels = x.shape.at(-1) ?? 0;
      const fan = kernelSize * kernelSize * (rule.convolutionFan === 'in' ? channels : filters);
      initialisers.set(`${name}/kernel`, { kind: 'normal', standardDeviation: Math.sqrt(2 / fan) });
      // With strides TensorFlow's SAME would pad after the image only; Caffe and PyTorch pad on both sides.
      const padded = strides > 1 && kernelSize > 1 ? zeroBorder(x, `${name}/pad`, (kernelSize - 1) / 2) : x;
      const padding = strides > 1 || kernelSize === 1 ? 'valid' : 'same';
      return apply(new Convolution2D({ name, filters, kernelSize, strides, padding, useBias }), padded);
    },
    batchNorm: (x, name) =>
      apply(
        new BatchNormalization({
          name,
          momentum: settings.batchNormMomentum,
          epsilon: BATCH_NORM_EPSILON,
          groups: settings.batchNormGroups,
        }),
        x,
      ),
    relu: (x, name) => apply(new ReLU({ name }), x),
    add: (x, y, name) => tf.layers.add({ name }).apply([x, y]) as tf.SymbolicTensor,
    zeroChannels: (x, name, count) =>
      // A standard layer, so that saved models load anywhere: told that channels come first, it pads the last two
      // axes, which are width and channels here.
      apply(
        tf.layers.zeroPadding2d({
          name,
          dataFormat: 'channelsFirst',
          padding: [
            [0, 0],
            [0, count],
          ],
        }),
        x,
      ),
    averagePool: (x, name) =>
      apply(tf.layers.averagePooling2d({ name, poolSize: 3, strides: 2, padding: 'same' }), x),
    maxPool: (x, name) =>
      apply(tf.layers.maxPooling2d({ name, poolSize: 3, strides: 2 }), zeroBorder(x, `${name}/pad`, 1)),
    classifier: (x) => {
      const pooled = apply(tf.layers.globalAveragePooling2d({ name: 'head/pool' }), x);
      const limit = Math.sqrt(rule.denseNumerator / (pooled.shape.at(-1) ?? 1));
      initialisers.set('head/dense/kernel', { kind: 'uniform', limit });
      if (rule.denseBias === 'uniform') initialisers.set('head/dense/bias', { kind: 'uniform', limit });
      const dense = tf.layers.dense({
        name: 'head/dense',
        units: settings.classes,
        kernelInitializer: 'zeros',
      });
      return apply(dense, pooled);
    },
  };
}

function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return layer.apply(x) as tf.SymbolicTensor;
}
