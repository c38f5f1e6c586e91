import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks.ts';
import { floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/**
 * Rectified linear unit, `max(x, 0)`, whose gradient is `dy` where `x > 0` and 0 elsewhere.
 *
 * Forward it is tfjs's own. Backward, native TensorFlow runs one `ReluGrad` where tfjs would run three operations and
 * keep `x` as well as the output.
 *
 * @param x float32, any shape
 * @throws TypeError for another dtype
 * @example
 * relu(tf.tensor1d([-1, 2])); // [0, 2]
 */
export function relu<T extends tf.Tensor>(x: T): T {
  checkTensor('x', x, { dtype: 'float32', ranks: [x.rank] });
  const [y] = runTrainingOp(RELU, { x }) as [T];
  return y;
}

const RELU: TrainingOp = {
  name: 'SuperconvergenceRelu',
  native: (backend, { x }) => [backend.executeSingleOutput('Relu', [floatType(backend)], [x as tf.Tensor])],
  composed: ({ x }) => [tf.relu(x as tf.Tensor)],
  gradient: {
    inputsToSave: [],
    outputsToSave: [true],
    derivatives: (outputGradients, saved) => {
      const [dy] = outputGradients as [tf.Tensor];
      const [y] = saved as [tf.Tensor];
      const [dx] = runTrainingOp(RELU_GRADIENT, { dy, y }) as [tf.Tensor];
      return { x: dx };
    },
  },
};

const RELU_GRADIENT: TrainingOp = {
  name: 'SuperconvergenceReluGradient',
  // ReluGrad takes the input or the output: it only looks at the sign.
  native: (backend, { dy, y }) => [
    backend.executeSingleOutput('ReluGrad', [floatType(backend)], [dy, y] as tf.Tensor[]),
  ],
  composed: ({ dy, y }) => [tf.mul(dy as tf.Tensor, tf.step(y as tf.Tensor))],
};
