import * as tf from '@tensorflow/tfjs';
import { batchNormTraining } from '@superconvergence/ops';

/** What a {@link BatchNormalization} is made of. */
export type BatchNormalizationOptions = {
  name: string;
  /** What the moving averages keep of themselves at each step: `moving = momentum · moving + (1 − momentum) · batch`. */
  momentum: number;
  /** Added to the variance. */
  epsilon: number;
  /** In training, the batch is normalised in so many consecutive parts: must divide its size. */
  groups: number;
};

/**
 * Batch normalisation over all axes but the last, fused on native TensorFlow. Unlike tfjs's own layer it collects the
 * unbiased variance, as PyTorch's and TensorFlow's layers do.
 *
 * It saves as the standard `BatchNormalization`, and a saved model loads as such in stock tfjs or Keras. Those know no
 * groups, which only change how it trains, so groups are not saved.
 */
export class BatchNormalization extends tf.layers.Layer {
  static readonly className = 'BatchNormalization';
  private readonly momentum: number;
  private readonly epsilon: number;
  private readonly groups: number;
  private parameters:
    Record<'gamma' | 'beta' | 'movingMean' | 'movingVariance', tf.LayerVariable> | undefined;

  constructor({ name, momentum, epsilon, groups }: BatchNormalizationOptions) {
    super({ name });
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.groups = groups;
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = [(inputShape as tf.Shape).at(-1) ?? null];
    const [zeros, ones] = [tf.initializers.zeros(), tf.initializers.ones()];
    this.parameters = {
      gamma: this.addWeight('gamma', shape, 'float32', ones),
      beta: this.addWeight('beta', shape, 'float32', zeros),
      movingMean: this.addWeight('moving_mean', shape, 'float32', zeros, undefined, false),
      movingVariance: this.addWeight('moving_variance', shape, 'float32', ones, undefined, false),
    };
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean }): tf.Tensor {
    const { parameters, momentum, epsilon, groups } = this;
    if (parameters === undefined)
      throw new RangeError(`layer ${this.name} must be built before it is called`);
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const { movingMean, movingVariance } = parameters;
      const gamma = parameters.gamma.read() as tf.Tensor1D;
      const beta = parameters.beta.read() as tf.Tensor1D;
      if (!training) {
        const mean = movingMean.read() as tf.Tensor1D;
        const variance = movingVariance.read() as tf.Tensor1D;
        return tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
      }
      const { y, mean, variance } = batchNormTraining(x, gamma, beta, { epsilon, groups });
      movingMean.write(
        movingMean
          .read()
          .mul(momentum)
          .add(mean.mul(1 - momentum)),
      );
      movingVariance.write(
        movingVariance
          .read()
          .mul(momentum)
          .add(variance.mul(1 - momentum)),
      );
      return y;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon } = this;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, center: true, scale: true };
  }
}
