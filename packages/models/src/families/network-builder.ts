import * as tf from '@tensorflow/tfjs';
import { BatchNormalization, BatchStatisticsNormalization } from '../layers/batch-normalization.ts';
import { caffePool, type CaffePoolOptions } from '../layers/caffe-pool.ts';
import { Convolution2D } from '../layers/convolution.ts';
import { Dropout } from '../layers/dropout.ts';
import { GroupedConvolution2D } from '../layers/grouped-convolution.ts';
import type { Initialiser } from '../initialisers.ts';
import { LocalResponseNormalization } from '../layers/local-response-normalization.ts';
import { ReLU } from '../layers/relu.ts';
import { ScalarBias, ScalarScale } from '../layers/scalars.ts';
import { zeroChannels } from '../layers/zero-channels.ts';
import type { InitialisationRule } from './initialisation-rule.ts';

/** Added to the variance by batch normalisation: the default of Caffe's, cuDNN's and PyTorch's layers. */
const BATCH_NORM_EPSILON = 1e-5;

/** What all networks have in common. */
export type NetworkSettings = {
  classes: number;
  /** Height, width, channels. */
  inputShape: readonly [number, number, number];
  batchNormMomentum: number;
  batchNormGroups: number;
  /** Rate of the network's dropout layers; 0: there are none. */
  dropout: number;
};

/** A family's batch normalisation, where it isn't the usual one. */
export type BatchNormStyle = {
  /** Whether scale and shift are trained; Caffe's layer alone has neither. Default true. */
  affine?: boolean;
  /** What inference normalises with. Default 'running'. */
  inference?: 'running' | 'batch';
};

/** Options of a builder's convolution. */
export type ConvolutionOptions = {
  filters: number;
  kernelSize: 1 | 2 | 3 | 5 | 7;
  strides?: 1 | 2;
  useBias: boolean;
  /** `same`: (kernelSize − 1)/2 pixels on every side, as in Caffe and PyTorch. Default 'same'. */
  padding?: 'same' | 'valid';
  /** Default 1. More than one: strides 1, padding `same` and a bias. */
  groups?: number;
  /** Default: the family's; `null`: 0. */
  initialiser?: Initialiser | null;
};

type Tensor = tf.SymbolicTensor;

/** Builds layers with readable names and remembers how each weight is to be initialised. */
export type NetworkBuilder = {
  input: Tensor;
  initialisers: Map<string, Initialiser>;
  convolution: (x: Tensor, name: string, options: ConvolutionOptions) => Tensor;
  batchNorm: (x: Tensor, name: string) => Tensor;
  /** A convolution, `<name>/conv<number>`, and its batch normalisation, `<name>/batch_norm<number>`. */
  convolutionUnit: (
    x: Tensor,
    name: string,
    number: '' | '1' | '2' | '3',
    options: ConvolutionOptions,
  ) => Tensor;
  /** A convolution as shortcut, `<name>/shortcut`, and its batch normalisation, `<name>/shortcut_batch_norm`. */
  projection: (x: Tensor, name: string, options: ConvolutionOptions) => Tensor;
  relu: (x: Tensor, name: string) => Tensor;
  add: (x: Tensor, y: Tensor, name: string) => Tensor;
  /** Joins the channels of both. */
  concatenate: (x: Tensor, y: Tensor, name: string) => Tensor;
  /** The network's dropout, if it has any. */
  dropout: (x: Tensor, name: string) => Tensor;
  /** Adds one trainable number. */
  scalarBias: (x: Tensor, name: string) => Tensor;
  /** Multiplies by one trainable number. */
  scalarScale: (x: Tensor, name: string) => Tensor;
  /** Within channels, as Caffe's. */
  localResponseNorm: (
    x: Tensor,
    name: string,
    options: { size: number; alpha: number; beta: number },
  ) => Tensor;
  /** Puts so many channels of zeros before and after those of `x`. */
  zeroChannels: (x: Tensor, name: string, count: { before?: number; after?: number }) => Tensor;
  /** Keeps every second pixel, from the first on. */
  subsample: (x: Tensor, name: string) => Tensor;
  /** 3×3 with stride 2, on even sizes as Caffe's: windows start at the first pixel, what hangs over the edge isn't counted. */
  averagePool: (x: Tensor, name: string) => Tensor;
  /** 3×3 with stride 2, one pixel of border. The input must not be negative: the border is made of zeros. */
  maxPool: (x: Tensor, name: string) => Tensor;
  /** Caffe's, see `caffePool`. */
  caffePool: (x: Tensor, name: string, options: CaffePoolOptions) => Tensor;
  dense: (x: Tensor, name: string, units: number) => Tensor;
  flatten: (x: Tensor, name: string) => Tensor;
  globalAveragePool: (x: Tensor, name: string) => Tensor;
  /** Global average pooling and the fully connected layer that gives the logits. */
  classifier: (x: Tensor) => Tensor;
};

/** A network as a family's function gives it. */
export type Network = { output: Tensor; builder: NetworkBuilder };

/** A builder for one network. */
export function networkBuilder(
  settings: NetworkSettings,
  rule: InitialisationRule,
  batchNormStyle: BatchNormStyle = {},
): NetworkBuilder {
  const initialisers = new Map<string, Initialiser>();
  const initialise = (weight: string, initialiser: Initialiser | null | undefined): void => {
    if (initialiser) initialisers.set(weight, initialiser);
  };

  const convolution: NetworkBuilder['convolution'] = (x, name, options) => {
    const { initialiser = rule.convolution } = options;
    initialise(`${name}/kernel`, initialiser);
    return applyConvolution(x, name, options);
  };
  const batchNorm: NetworkBuilder['batchNorm'] = (x, name) => {
    const { affine = true, inference = 'running' } = batchNormStyle;
    const Layer = inference === 'batch' ? BatchStatisticsNormalization : BatchNormalization;
    const layer = new Layer({
      name,
      momentum: settings.batchNormMomentum,
      epsilon: BATCH_NORM_EPSILON,
      groups: settings.batchNormGroups,
      scale: affine,
      center: affine,
    });
    return apply(layer, x);
  };
  const dense = (x: Tensor, name: string, units: number): Tensor => {
    initialise(`${name}/kernel`, rule.dense);
    initialise(`${name}/bias`, rule.denseBias?.(x.shape.at(-1) ?? 1));
    return apply(tf.layers.dense({ name, units, kernelInitializer: 'zeros' }), x);
  };
  const globalAveragePool = (x: Tensor, name: string): Tensor =>
    apply(tf.layers.globalAveragePooling2d({ name }), x);

  return {
    input: tf.input({ shape: [...settings.inputShape], name: 'input' }),
    initialisers,
    convolution,
    batchNorm,
    convolutionUnit: (x, name, number, options) =>
      batchNorm(convolution(x, `${name}/conv${number}`, options), `${name}/batch_norm${number}`),
    projection: (x, name, options) =>
      batchNorm(convolution(x, `${name}/shortcut`, options), `${name}/shortcut_batch_norm`),
    relu: (x, name) => apply(new ReLU({ name }), x),
    add: (x, y, name) => tf.layers.add({ name }).apply([x, y]) as Tensor,
    concatenate: (x, y, name) => tf.layers.concatenate({ name }).apply([x, y]) as Tensor,
    dropout: (x, name) =>
      settings.dropout > 0 ? apply(new Dropout({ name, rate: settings.dropout }), x) : x,
    scalarBias: (x, name) => apply(new ScalarBias({ name }), x),
    scalarScale: (x, name) => apply(new ScalarScale({ name }), x),
    localResponseNorm: (x, name, options) => apply(new LocalResponseNormalization({ name, ...options }), x),
    zeroChannels,
    subsample: (x, name) => apply(tf.layers.averagePooling2d({ name, poolSize: 1, strides: 2 }), x),
    averagePool: (x, name) =>
      apply(tf.layers.averagePooling2d({ name, poolSize: 3, strides: 2, padding: 'same' }), x),
    maxPool: (x, name) =>
      apply(tf.layers.maxPooling2d({ name, poolSize: 3, strides: 2 }), zeroBorder(x, `${name}/pad`, 1)),
    caffePool,
    dense,
    flatten: (x, name) => apply(tf.layers.flatten({ name }), x),
    globalAveragePool,
    classifier: (x) => dense(globalAveragePool(x, 'head/pool'), 'head/dense', settings.classes),
  };
}

function applyConvolution(
  x: Tensor,
  name: string,
  { filters, kernelSize, strides = 1, useBias, padding = 'same', groups = 1 }: ConvolutionOptions,
): Tensor {
  if (groups > 1) return apply(new GroupedConvolution2D({ name, filters, kernelSize, groups }), x);
  const border = padding === 'same' ? (kernelSize - 1) / 2 : 0;
  // With strides TensorFlow's SAME would pad after the image only; Caffe and PyTorch pad on both sides.
  const padded = strides > 1 && border > 0 ? zeroBorder(x, `${name}/pad`, border) : x;
  const own = strides > 1 || border === 0 ? 'valid' : 'same';
  return apply(new Convolution2D({ name, filters, kernelSize, strides, padding: own, useBias }), padded);
}

function zeroBorder(x: Tensor, name: string, width: number): Tensor {
  return apply(tf.layers.zeroPadding2d({ name, padding: width }), x);
}

function apply(layer: tf.layers.Layer, x: Tensor): Tensor {
  return layer.apply(x) as Tensor;
}
