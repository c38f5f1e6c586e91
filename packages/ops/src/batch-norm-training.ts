import * as tf from '@tensorflow/tfjs';
import { checkChannelVector, checkTensor } from './checks.ts';
import {
  channelsLast,
  floatType,
  runTrainingOp,
  type NativeAttribute,
  type NativeBackend,
  type TrainingOp,
} from './training-op.ts';

/** What {@link batchNormTraining} returns. */
export type BatchNormResult<T extends tf.Tensor = tf.Tensor> = {
  /** Normalised, scaled and shifted `x`; its shape. */
  y: T;
  /** `[C]` mean of each channel over the batch. Has no gradient. */
  mean: tf.Tensor1D;
  /**
   * `[C]` unbiased variance of each channel over the batch (divided by n − 1). With groups, the mean of the groups'
   * own unbiased variances, without the variance between the groups' means. Has no gradient.
   */
  variance: tf.Tensor1D;
};

/** Options of {@link batchNormTraining}. */
export type BatchNormOptions = {
  /** Added to the variance, greater than 0. @default 1e-5 */
  epsilon?: number;
  /**
   * Ghost batch normalisation: the batch is cut along its first axis into so many consecutive groups of equal size,
   * and each is normalised with its own statistics. Must divide N.
   *
   * @default 1
   * @see Hoffer, Hubara & Soudry, https://arxiv.org/abs/1705.08741, Algorithm 1
   */
  groups?: number;
};

/**
 * Batch normalisation with the statistics of the batch, as in training:
 * `y = (x − mean) / √(biased variance + epsilon) · gamma + beta`, over all axes but the last.
 *
 * On native TensorFlow this is one `FusedBatchNormV3` and, backwards, one `FusedBatchNormGradV3`; on every other
 * backend it is composed. `y` has first derivatives for `x`, `gamma` and `beta`.
 *
 * `variance` is what a moving average should collect: unbiased, divided by n − 1 (by 1 for n = 1), on every backend,
 * as PyTorch's and TensorFlow's own layers do. tfjs-layers collects the biased one.
 *
 * @param x `[N, H, W, C]` or `[N, C]` float32
 * @param gamma `[C]` float32, scale
 * @param beta `[C]` float32, shift
 * @throws TypeError or RangeError for a wrong dtype, shape or option
 * @see Ioffe & Szegedy, https://arxiv.org/abs/1502.03167, Algorithm 1
 * @example
 * const { y, mean, variance } = batchNormTraining(tf.tensor2d([[1], [3]]), tf.ones([1]), tf.zeros([1]));
 * // y ≈ [[-1], [1]], mean = [2], variance = [2]
 */
export function batchNormTraining<T extends tf.Tensor2D | tf.Tensor4D>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  options: BatchNormOptions = {},
): BatchNormResult<T> {
  const { epsilon = 1e-5, groups = 1 } = options;
  checkTensor('x', x, { dtype: 'float32', ranks: [2, 4] });
  checkChannelVector('gamma', gamma, x);
  checkChannelVector('beta', beta, x);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    throw new RangeError(`epsilon must be a number greater than 0, but is ${epsilon}`);
  }
  const [n] = x.shape;
  if (!Number.isInteger(groups) || groups < 1 || n % groups !== 0) {
    throw new RangeError(
      `groups must be a positive integer that divides the ${n} examples of x, but is ${groups}`,
    );
  }
  return tf.tidy(() => {
    if (groups === 1) return normalise(x, gamma, beta, epsilon);
    const parts = tf.split(x as tf.Tensor, groups).map((part) => normalise(part as T, gamma, beta, epsilon));
    return {
      y: tf.concat(parts.map(({ y }) => y as tf.Tensor)) as T,
      mean: average(parts.map(({ mean }) => mean)),
      variance: average(parts.map(({ variance }) => variance)),
    };
  });
}

function normalise<T extends tf.Tensor2D | tf.Tensor4D>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormResult<T> {
  const [n, c] = x.shape as [number, number];
  const x_NHWC = x.rank === 2 ? x.reshape([n, 1, 1, c]) : x;
  const [y_NHWC, mean, variance] = runTrainingOp(BATCH_NORM, { x: x_NHWC, gamma, beta }, { epsilon }) as [
    tf.Tensor,
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return { y: (x.rank === 2 ? y_NHWC.reshape([n, c]) : y_NHWC) as T, mean, variance };
}

function average(vectors: tf.Tensor1D[]): tf.Tensor1D {
  return tf.addN(vectors).div(vectors.length);
}

/**
 * Outputs: y, mean, unbiased variance, and then what the backward pass of the same backend wants to find again
 * (TensorFlow: three reserve spaces; composed: mean and 1/√(variance + epsilon)).
 */
const BATCH_NORM: TrainingOp = {
  name: 'SuperconvergenceBatchNorm',
  native: (backend, { x, gamma, beta }, { epsilon }) => {
    // The running statistics that it also takes are unused in training, and must then be empty.
    const empty = tf.tensor1d([], 'float32');
    const inputs = [x, gamma, beta, empty, empty] as tf.Tensor[];
    return backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      fusedAttributes(backend, Number(epsilon)),
      inputs,
      6,
    );
  },
  composed: (inputs, { epsilon }) => {
    const { x, gamma, beta } = inputs as { x: tf.Tensor4D; gamma: tf.Tensor1D; beta: tf.Tensor1D };
    const count = elementsPerChannel(x);
    const mean = x.mean<tf.Tensor1D>(ALL_BUT_CHANNELS);
    const centred = x.sub(mean);
    const biasedVariance = centred.square().mean<tf.Tensor1D>(ALL_BUT_CHANNELS);
    const inverseDeviation = biasedVariance.add(Number(epsilon)).rsqrt();
    const y = centred.mul(inverseDeviation.mul(gamma)).add(beta);
    const variance = biasedVariance.mul(count / Math.max(1, count - 1));
    return [y, mean, variance, mean.clone(), inverseDeviation];
  },
  gradient: {
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, false, false, true, true, true],
    derivatives: ([dy], [x, gamma, ...reserved], { epsilon }) => {
      const inputs = Object.fromEntries(reserved.map((tensor, index) => [`reserved${index}`, tensor]));
      const [dx, dGamma, dBeta] = runTrainingOp(
        BATCH_NORM_GRADIENT,
        { dy, x, gamma, ...inputs } as Record<string, tf.Tensor>,
        { epsilon: Number(epsilon) },
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { x: dx, gamma: dGamma, beta: dBeta };
    },
  },
};

const BATCH_NORM_GRADIENT: TrainingOp = {
  name: 'SuperconvergenceBatchNormGradient',
  native: (backend, { dy, x, gamma, reserved0, reserved1, reserved2 }, { epsilon }) => {
    const inputs = [dy, x, gamma, reserved0, reserved1, reserved2] as tf.Tensor[];
    const attributes = fusedAttributes(backend, Number(epsilon));
    return backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, inputs, 5).slice(0, 3);
  },
  // With x̂ = (x − mean)/σ: dγ = Σ dy·x̂, dβ = Σ dy, dx = γ/σ · (dy − dβ/n − x̂·dγ/n).
  composed: (inputs) => {
    const {
      dy,
      x,
      gamma,
      reserved0: mean,
      reserved1: inverseDeviation,
    } = inputs as Record<'dy' | 'x' | 'gamma' | 'reserved0' | 'reserved1', tf.Tensor>;
    const count = elementsPerChannel(x);
    const normalised = x.sub(mean).mul(inverseDeviation);
    const dGamma = dy.mul(normalised).sum(ALL_BUT_CHANNELS);
    const dBeta = dy.sum(ALL_BUT_CHANNELS);
    const dx = dy
      .sub(dBeta.div(count))
      .sub(normalised.mul(dGamma.div(count)))
      .mul(gamma.mul(inverseDeviation));
    return [dx, dGamma, dBeta];
  },
};

const ALL_BUT_CHANNELS = [0, 1, 2];

function fusedAttributes(backend: NativeBackend, epsilon: number): NativeAttribute[] {
  const { TF_ATTR_BOOL, TF_ATTR_FLOAT } = backend.binding;
  return [
    floatType(backend),
    floatType(backend, 'U'),
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    channelsLast(backend),
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ];
}

function elementsPerChannel(x: tf.Tensor): number {
  return x.size / (x.shape.at(-1) ?? 1);
}
