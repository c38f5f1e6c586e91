import * as tf from '@tensorflow/tfjs';
import { biasAdd } from '@superconvergence/ops';
import type { LayerOptions } from './layer-options.ts';

/** What a {@link Convolution2D} is made of. */
export type Convolution2DOptions = LayerOptions & {
  filters: number;
  /** Height and width of the kernel. */
  kernelSize: number;
  /** Default 1. */
  strides?: number;
  /** Default 'valid'. For strides above 1 'same' pads as TensorFlow does, not as PyTorch and Caffe do. */
  padding?: 'valid' | 'same';
  /** Default true. */
  useBias?: boolean;
};

/**
 * A 2-D convolution that trains without wasted work: tfjs's own layer computes the gradient of its input even for the
 * first layer of a network, where nobody asks for it, and sums the bias's gradient by a general reduction.
 *
 * It saves as the standard `Conv2D`, and a saved model loads as such in stock tfjs. Weights start at zero: `createModel`
 * fills them, or `initialiseWeights`.
 */
export class Convolution2D extends tf.layers.Layer {
  static readonly className = 'Conv2D';
  private readonly options: Required<Omit<Convolution2DOptions, keyof LayerOptions>>;
  private kernel: tf.LayerVariable | undefined;
  private bias: tf.LayerVariable | undefined;

  constructor({
    filters,
    kernelSize,
    strides = 1,
    padding = 'valid',
    useBias = true,
    ...rest
  }: Convolution2DOptions) {
    super(rest);
    this.options = { filters, kernelSize, strides, padding, useBias };
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [, , , channels] = inputShape as tf.Shape;
    const { filters, kernelSize, useBias } = this.options;
    const zeros = tf.initializers.zeros();
    this.kernel = this.addWeight(
      'kernel',
      [kernelSize, kernelSize, channels ?? null, filters],
      'float32',
      zeros,
    );
    if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', zeros);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, height, width] = inputShape as tf.Shape;
    return [batch ?? null, this.outputSize(height), this.outputSize(width), this.options.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { kernel, bias, options } = this;
    if (kernel === undefined) throw new RangeError(`layer ${this.name} must be built before it is called`);
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const y = tf.conv2d(x, kernel.read() as tf.Tensor4D, options.strides, options.padding);
      return bias === undefined ? y : biasAdd(y, bias.read() as tf.Tensor1D);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { filters, kernelSize, strides, padding, useBias } = this.options;
    return {
      ...super.getConfig(),
      filters,
      kernelSize: [kernelSize, kernelSize],
      strides: [strides, strides],
      padding,
      dataFormat: 'channelsLast',
      dilationRate: [1, 1],
      activation: 'linear',
      useBias,
    };
  }

  private outputSize(inputSize: number | null | undefined): number | null {
    if (inputSize === null || inputSize === undefined) return null;
    const { kernelSize, strides, padding } = this.options;
    return Math.ceil((padding === 'same' ? inputSize : inputSize - kernelSize + 1) / strides);
  }
}
