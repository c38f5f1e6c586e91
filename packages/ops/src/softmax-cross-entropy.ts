import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks.ts';
import { floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/**
 * Cross-entropy of each example, in nats: `log Σⱼ exp(logits[i, j]) − logits[i, labels[i]]`. Take `.mean()` of it for
 * the usual training loss.
 *
 * On native TensorFlow this is one `SparseSoftmaxCrossEntropyWithLogits`, which finds the gradient at the same time;
 * on every other backend it is composed. Differentiable once, in `logits`.
 *
 * @param logits `[N, C]` float32, before softmax
 * @param labels `[N]` int32 in `[0, C)`. Values are not read back to check them: one outside gives an error from
 * TensorFlow on a CPU, and NaN elsewhere
 * @returns `[N]` float32
 * @throws TypeError or RangeError for a wrong dtype or shape
 * @example
 * softmaxCrossEntropy(tf.zeros([1, 10]), tf.tensor1d([3], 'int32')); // [2.3025851]
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  checkTensor('logits', logits, { dtype: 'float32', ranks: [2] });
  checkTensor('labels', labels, { dtype: 'int32', ranks: [1] });
  if (labels.shape[0] !== logits.shape[0]) {
    throw new RangeError(
      `labels must have one entry for each of the ${logits.shape[0]} rows of logits, but has ${labels.shape[0]}`,
    );
  }
  return tf.tidy(() => {
    const [losses] = runTrainingOp(CROSS_ENTROPY, { logits, labels }) as [tf.Tensor1D];
    return losses;
  });
}

/** Outputs: losses `[N]` and their derivatives for the logits `[N, C]`. */
const CROSS_ENTROPY: TrainingOp = {
  name: 'SuperconvergenceSoftmaxCrossEntropy',
  native: (backend, { logits, labels }) => {
    const { TF_ATTR_TYPE, TF_INT32 } = backend.binding;
    const attributes = [floatType(backend), { name: 'Tlabels', type: TF_ATTR_TYPE, value: TF_INT32 }];
    const inputs = [logits, labels] as tf.Tensor[];
    return backend.executeMultipleOutputs('SparseSoftmaxCrossEntropyWithLogits', attributes, inputs, 2);
  },
  composed: (inputs) => {
    const { logits, labels } = inputs as { logits: tf.Tensor2D; labels: tf.Tensor1D };
    const [, numClasses] = logits.shape;
    const shifted = logits.sub(logits.max(1, true));
    const logProbabilities = shifted.sub(shifted.exp().sum(1, true).log());
    const valid = labels.greaterEqual(0).logicalAnd(labels.less(numClasses)).expandDims(1);
    const target = tf.where(valid, tf.oneHot(labels, numClasses).cast('float32'), NaN);
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
