import * as tf from '@tensorflow/tfjs';
import { biasAdd } from '@superconvergence/ops';
import type { LayerOptions } from './layer-options.ts';

/** What a {@link GroupedConvolution2D} is made of. */
export type GroupedConvolution2DOptions = LayerOptions & {
  /** Must be a multiple of `groups`. */
  filters: number;
  /** Height and width of the kernel. */
  kernelSize: number;
  /** Parts of the channels that are convolved each by itself. Must divide the input's channels. */
  groups: number;
};

/**
 * A 2-D convolution, stride 1, padding `same`, in which each of `groups` parts of the output channels sees one part of
 * the input channels. The kernel is `[height, width, inputs / groups, filters]`. Weights start at zero: `createModel`
 * fills them, or `initialiseWeights`.
 *
 * TensorFlow has no gradient for it on processors, so it runs as one convolution with a kernel that is zero between the
 * groups. For few channels, as in ResNeXt-56, the extra multiplications cost less than a convolution for each group.
 *
 * @see Xie et al., ResNeXt, https://arxiv.org/abs/1611.05431; Caffe's `group`
 */
export class GroupedConvolution2D extends tf.layers.Layer {
  static readonly className = 'GroupedConvolution2D';
  private readonly options: Omit<GroupedConvolution2DOptions, keyof LayerOptions>;
  private kernel: tf.LayerVariable | undefined;
  private bias: tf.LayerVariable | undefined;

  constructor({ filters, kernelSize, groups, ...rest }: GroupedConvolution2DOptions) {
    super(rest);
    this.options = { filters, kernelSize, groups };
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = (inputShape as tf.Shape).at(-1) ?? 0;
    const { filters, kernelSize, groups } = this.options;
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new RangeError(
        `groups must divide the ${channels} channels and the ${filters} filters of ${this.name}, but is ${groups}`,
      );
    }
    const zeros = tf.initializers.zeros();
    this.kernel = this.addWeight(
      'kernel',
      [kernelSize, kernelSize, channels / groups, filters],
      'float32',
      zeros,
    );
    this.bias = this.addWeight('bias', [filters], 'float32', zeros);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return [...(inputShape as tf.Shape).slice(0, -1), this.options.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { kernel, bias } = this;
    if (kernel === undefined || bias === undefined) {
      throw new RangeError(`layer ${this.name} must be built before it is called`);
    }
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const y = tf.conv2d(x, this.fullKernel(kernel.read()), 1, 'same');
      return biasAdd(y, bias.read() as tf.Tensor1D);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  /** `[height, width, inputs, filters]`: the kernel where input and output are of one group, 0 elsewhere. */
  private fullKernel(kernel: tf.Tensor): tf.Tensor4D {
    const { filters, groups } = this.options;
    const [height, width, inputsPerGroup] = kernel.shape as [number, number, number];
    const isOfGroup = Float32Array.from({ length: groups * filters }, (_, i) =>
      Math.floor(((i % filters) * groups) / filters) === Math.floor(i / filters) ? 1 : 0,
    );
    return kernel
      .reshape([height, width, 1, inputsPerGroup, filters])
      .mul(tf.tensor(isOfGroup, [1, 1, groups, 1, filters]))
      .reshape([height, width, groups * inputsPerGroup, filters]);
  }
}
