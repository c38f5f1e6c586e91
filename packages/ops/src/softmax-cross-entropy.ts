import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks.ts';
import { floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/** Options of {@link softmaxCrossEntropy}. */
export type SoftmaxCrossEntropyOptions = {
  /**
   * ε: the target gives 1 − ε to the label and spreads ε evenly over all C classes, the label's among them. In [0, 1].
   *
   * @default 0
   * @see Szegedy et al., https://arxiv.org/abs/1512.00567, section 7; PyTorch's `CrossEntropyLoss(label_smoothing)`
   */
  labelSmoothing?: number;
};

/**
 * Cross-entropy of each example, in nats: `log Σⱼ exp(logits[i, j]) − logits[i, labels[i]]`. Take `.mean()` of it for
 * the usual training loss. With label smoothing: `(1 − ε) · that + ε · meanⱼ(−log softmax(logits)[i, j])`.
 *
 * On native TensorFlow this is one `SparseSoftmaxCrossEntropyWithLogits` (with smoothing: one-hot targets and one
 * `SoftmaxCrossEntropyWithLogits`), which finds the gradient at the same time; on every other backend it is composed.
 * Differentiable once, in `logits`.
 *
 * @param logits `[N, C]` float32, before softmax
 * @param labels `[N]` int32 in `[0, C)`. Values are not read back to check them: one outside gives NaN, or without
 * smoothing an error from TensorFlow on a CPU
 * @returns `[N]` float32
 * @throws TypeError or RangeError for a wrong dtype, shape or option
 * @example
 * softmaxCrossEntropy(tf.zeros([1, 10]), tf.tensor1d([3], 'int32')); // [2.3025851]
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: SoftmaxCrossEntropyOptions = {},
): tf.Tensor1D {
  const { labelSmoothing = 0 } = options;
  checkTensor('logits', logits, { dtype: 'float32', ranks: [2] });
  checkTensor('labels', labels, { dtype: 'int32', ranks: [1] });
  if (labels.shape[0] !== logits.shape[0]) {
    throw new RangeError(
      `labels must have one entry for each of the ${logits.shape[0]} rows of logits, but has ${labels.shape[0]}`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`labelSmoothing must be in [0, 1], but is ${labelSmoothing}`);
  }
  return tf.tidy(() => {
    const [losses] = runTrainingOp(CROSS_ENTROPY, { logits, labels }, { labelSmoothing }) as [tf.Tensor1D];
    return losses;
  });
}

/** Outputs: losses `[N]` and their derivatives for the logits `[N, C]`. */
const CROSS_ENTROPY: TrainingOp = {
  name: 'SuperconvergenceSoftmaxCrossEntropy',
  native: (backend, inputs, { labelSmoothing }) => {
    const { logits, labels } = inputs as { logits: tf.Tensor2D; labels: tf.Tensor1D };
    if (labelSmoothing !== 0) {
      const dense = [logits, smoothedTargets(labels, logits.shape[1], Number(labelSmoothing))];
      return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [floatType(backend)], dense, 2);
    }
    const { TF_ATTR_TYPE, TF_INT32 } = backend.binding;
    const attributes = [floatType(backend), { name: 'Tlabels', type: TF_ATTR_TYPE, value: TF_INT32 }];
    return backend.executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      attributes,
      [logits, labels],
      2,
    );
  },
  composed: (inputs, { labelSmoothing }) => {
    const { logits, labels } = inputs as { logits: tf.Tensor2D; labels: tf.Tensor1D };
    const shifted = logits.sub(logits.max(1, true));
    const logProbabilities = shifted.sub(shifted.exp().sum(1, true).log());
    const target = smoothedTargets(labels, logits.shape[1], Number(labelSmoothing));
    return [logProbabilities.mul(target).sum(1).neg(), logProbabilities.exp().sub(target)];
  },
  gradient: {
    inputsToSave: [],
    outputsToSave: [false, true],
    derivatives: (outputGradients, saved) => {
      const [dLosses] = outputGradients as [tf.Tensor1D];
      const [derivative] = saved as [tf.Tensor2D];
      return { logits: derivative.mul(dLosses.expandDims(1)) };
    },
  },
};

/** `[N, C]`: 1 − ε + ε/C at the label and ε/C elsewhere; a row of NaN for a label outside the classes. */
function smoothedTargets(labels: tf.Tensor1D, numClasses: number, epsilon: number): tf.Tensor2D {
  const share = epsilon / numClasses;
  const targets = tf.oneHot(labels, numClasses, 1 - epsilon + share, share, 'float32');
  const valid = labels.greaterEqual(0).logicalAnd(labels.less(numClasses));
  return targets.add(tf.where(valid, 0, NaN).expandDims(1));
}
