import * as tf from '@tensorflow/tfjs';
import { batchNormTraining } from '@superconvergence/ops';
import type { LayerOptions } from './layer-options.ts';

/** What a {@link BatchNormalization} is made of. */
export type BatchNormalizationOptions = LayerOptions & {
  /** What the moving averages keep of themselves at each step: `moving = momentum · moving + (1 − momentum) · batch`. */
  momentum: number;
  /** Added to the variance. */
  epsilon: number;
  /** In training, the batch is normalised in so many consecutive parts: must divide its size. Default 1. */
  groups?: number;
  /** Whether there is a trained scale, gamma. Default true. */
  scale?: boolean;
  /** Whether there is a trained shift, beta. Default true. */
  center?: boolean;
};

/**
 * Batch normalisation over all axes but the last, fused on native TensorFlow. Unlike tfjs's own layer it collects the
 * unbiased variance, as PyTorch's and TensorFlow's layers do.
 *
 * It saves as the standard `BatchNormalization`, and a saved model loads as such in stock tfjs, which knows no groups:
 * they only change how it trains and are not saved. A keyword argument `batchNormGroups` overrides them in one call.
 */
export class BatchNormalization extends tf.layers.Layer {
  static readonly className: string = 'BatchNormalization';
  /** Whether inference normalises with the statistics of its batch, too. */
  protected readonly usesBatchStatistics: boolean = false;
  private readonly momentum: number;
  private readonly epsilon: number;
  private readonly groups: number;
  private readonly scale: boolean;
  private readonly center: boolean;
  private parameters: Parameters | undefined;

  constructor({
    momentum,
    epsilon,
    groups = 1,
    scale = true,
    center = true,
    ...rest
  }: BatchNormalizationOptions) {
    super(rest);
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.groups = groups;
    this.scale = scale;
    this.center = center;
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = [(inputShape as tf.Shape).at(-1) ?? null];
    const [zeros, ones] = [tf.initializers.zeros(), tf.initializers.ones()];
    this.parameters = {
      gamma: this.scale ? this.addWeight('gamma', shape, 'float32', ones) : undefined,
      beta: this.center ? this.addWeight('beta', shape, 'float32', zeros) : undefined,
      movingMean: this.addWeight('moving_mean', shape, 'float32', zeros, undefined, false),
      movingVariance: this.addWeight('moving_variance', shape, 'float32', ones, undefined, false),
    };
    this.built = true;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    { training = false, batchNormGroups = this.groups }: { training?: boolean; batchNormGroups?: number },
  ): tf.Tensor {
    const { parameters, momentum, epsilon } = this;
    if (parameters === undefined)
      throw new RangeError(`layer ${this.name} must be built before it is called`);
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const { movingMean, movingVariance } = parameters;
      const channels = x.shape.at(-1) ?? 1;
      const gamma = (parameters.gamma?.read() ?? tf.ones([channels])) as tf.Tensor1D;
      const beta = (parameters.beta?.read() ?? tf.zeros([channels])) as tf.Tensor1D;
      if (!training && !this.usesBatchStatistics) {
        const mean = movingMean.read() as tf.Tensor1D;
        const variance = movingVariance.read() as tf.Tensor1D;
        return tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
      }
      const { y, mean, variance } = batchNormTraining(x, gamma, beta, {
        epsilon,
        groups: training ? batchNormGroups : 1,
      });
      if (!training) return y;
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
    const { momentum, epsilon, center, scale } = this;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, center, scale };
  }
}

/**
 * Batch normalisation that normalises with the statistics of the batch at hand also in inference, where it leaves the
 * moving averages alone. It saves under its own name: see `registerLayers`.
 *
 * @see Caffe's `BatchNormLayer` with `use_global_stats: false` in both phases, as in the bottleneck networks of
 * https://github.com/lnsmith54/super-convergence
 */
export class BatchStatisticsNormalization extends BatchNormalization {
  static override readonly className = 'BatchStatisticsNormalization';
  protected override readonly usesBatchStatistics = true;
}

type Parameters = {
  gamma: tf.LayerVariable | undefined;
  beta: tf.LayerVariable | undefined;
  movingMean: tf.LayerVariable;
  movingVariance: tf.LayerVariable;
};
