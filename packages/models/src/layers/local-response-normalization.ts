import * as tf from '@tensorflow/tfjs';
import type { LayerOptions } from './layer-options.ts';

/** What a {@link LocalResponseNormalization} is made of. */
export type LocalResponseNormalizationOptions = LayerOptions & {
  /** Height and width of the window: odd. */
  size: number;
  alpha: number;
  beta: number;
};

/**
 * Local response normalisation within each channel: `x · (1 + alpha · s)^(−beta)`, where `s` is the mean of `x²` over
 * the window of `size`×`size` pixels around a pixel. Pixels beyond the border are zeros that count.
 *
 * (`tf.localResponseNormalization` normalises across channels.)
 *
 * @see Caffe's `LRNLayer` with `norm_region: WITHIN_CHANNEL`, which pads before it averages
 */
export class LocalResponseNormalization extends tf.layers.Layer {
  static readonly className = 'LocalResponseNormalization';
  private readonly options: Omit<LocalResponseNormalizationOptions, keyof LayerOptions>;

  constructor({ size, alpha, beta, ...rest }: LocalResponseNormalizationOptions) {
    super(rest);
    if (!Number.isInteger(size) || size < 1 || size % 2 === 0) {
      throw new RangeError(`size must be an odd integer, at least 1, but is ${size}`);
    }
    this.options = { size, alpha, beta };
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { size, alpha, beta } = this.options;
    const border = (size - 1) / 2;
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const squares = tf.pad(x.square(), [
        [0, 0],
        [border, border],
        [border, border],
        [0, 0],
      ]);
      const mean = tf.avgPool(squares, size, 1, 'valid');
      return x.mul(mean.mul(alpha).add(1).pow(-beta));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
