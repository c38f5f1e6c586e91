import * as tf from '@tensorflow/tfjs';
import { checkChannelVector, checkTensor } from './checks.ts';
import { channelsLast, floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/**
 * Adds one number to each channel: `x + bias`, with the channels last.
 *
 * The same values as `tf.add`; native TensorFlow sums the bias's gradient with one `BiasAddGrad` where tfjs would
 * run a general reduction.
 *
 * @param x `[…, C]` float32 of rank 2 or more
 * @param bias `[C]` float32
 * @throws TypeError or RangeError for a wrong dtype or shape
 * @example
 * biasAdd(tf.zeros([1, 2]), tf.tensor1d([1, 2])); // [[1, 2]]
 */
export function biasAdd<T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T {
  checkTensor('x', x, { dtype: 'float32', ranks: [2, 3, 4, 5] });
  checkChannelVector('bias', bias, x);
  const [y] = runTrainingOp(BIAS_ADD, { x, bias }) as [T];
  return y;
}

const BIAS_ADD: TrainingOp = {
  name: 'SuperconvergenceBiasAdd',
  native: (backend, { x, bias }) => [
    backend.executeSingleOutput('BiasAdd', [floatType(backend), channelsLast(backend)], [
      x,
      bias,
    ] as tf.Tensor[]),
  ],
  composed: ({ x, bias }) => [tf.add(x as tf.Tensor, bias as tf.Tensor)],
  gradient: {
    inputsToSave: [],
    outputsToSave: [],
    derivatives: (outputGradients) => {
      const [dy] = outputGradients as [tf.Tensor];
      const [dBias] = runTrainingOp(BIAS_ADD_GRADIENT, { dy }) as [tf.Tensor];
      return { x: dy.clone(), bias: dBias };
    },
  },
};

const BIAS_ADD_GRADIENT: TrainingOp = {
  name: 'SuperconvergenceBiasAddGradient',
  native: (backend, { dy }) => [
    backend.executeSingleOutput(
      'BiasAddGrad',
      [floatType(backend), channelsLast(backend)],
      [dy as tf.Tensor],
    ),
  ],
  composed: ({ dy }) => [tf.sum(dy as tf.Tensor, leadingAxes(dy as tf.Tensor))],
};

function leadingAxes(tensor: tf.Tensor): number[] {
  return Array.from({ length: tensor.rank - 1 }, (_, axis) => axis);
}
