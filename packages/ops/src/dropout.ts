import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks.ts';
import { composedUniform } from './composed-uniform.ts';
import { floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/**
 * Dropout with an explicit seed: each element is set to 0 with probability `rate`, and the others are multiplied by
 * `1 / (1 − rate)`. The gradient uses the same mask.
 *
 * On one backend the mask is a pure function of `seed` and of `x`'s shape. Native TensorFlow draws it with
 * `StatelessRandomUniform`, other backends with {@link composedUniform}: two backends give different masks for one seed.
 * Give every layer and every step a seed of its own; as it is a tensor, a compiled step can be fed with it.
 *
 * @param x float32, any shape
 * @param rate probability of 0, in [0, 1). With 0 the result is `x` itself, as a clone
 * @param seed `[2]` int32, any values. WebGL holds integers as floats and there tells seeds apart only below 2²⁴
 * @throws TypeError or RangeError for a wrong dtype, shape or rate
 * @see Srivastava et al., https://jmlr.org/papers/v15/srivastava14a.html, in its inverted form
 * @example
 * dropout(tf.ones([4]), 0.5, tf.tensor1d([1, 2], 'int32')); // four numbers, each 0 or 2
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, seed: tf.Tensor1D): T {
  checkTensor('x', x, { dtype: 'float32', ranks: [x.rank] });
  checkTensor('seed', seed, { dtype: 'int32', ranks: [1] });
  if (seed.size !== 2) throw new RangeError(`seed must have two entries, but has ${seed.size}`);
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`rate must be in [0, 1), but is ${rate}`);
  if (rate === 0) return x.clone();
  return tf.tidy(() => {
    const [y] = runTrainingOp(DROPOUT, { x, seed }, { rate }) as [T];
    return y;
  });
}

/** Outputs: the result, and the mask (bool, true where kept) for the gradient. */
const DROPOUT: TrainingOp = {
  name: 'SuperconvergenceDropout',
  native: (backend, { x, seed }, { rate }) => {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
    const attributes = [
      { name: 'dtype', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'T', type: TF_ATTR_TYPE, value: TF_INT32 },
      { name: 'Tseed', type: TF_ATTR_TYPE, value: TF_INT32 },
    ];
    const shape = tf.tensor1d((x as tf.Tensor).shape, 'int32');
    const inputs = [shape, seed] as tf.Tensor[];
    const uniform = backend.executeSingleOutput('StatelessRandomUniform', attributes, inputs);
    return keepAndMask(x, uniform, rate);
  },
  composed: ({ x, seed }, { rate }) =>
    keepAndMask(x, composedUniform(seed as tf.Tensor1D, (x as tf.Tensor).shape), rate),
  gradient: {
    inputsToSave: [],
    outputsToSave: [false, true],
    derivatives: ([dy], [kept], { rate }) => {
      const [dx] = runTrainingOp(KEEP, { x: dy, kept } as Record<string, tf.Tensor>, {
        rate: Number(rate),
      }) as [tf.Tensor];
      return { x: dx };
    },
  },
};

/** `x / (1 − rate)` where `kept`, 0 elsewhere. */
const KEEP: TrainingOp = {
  name: 'SuperconvergenceDropoutKeep',
  native: (backend, { x, kept }, { rate }) => {
    const scaled = (x as tf.Tensor).mul(1 / (1 - Number(rate)));
    const inputs = [kept, scaled, tf.scalar(0)] as tf.Tensor[];
    return [backend.executeSingleOutput('SelectV2', [floatType(backend)], inputs)];
  },
  composed: ({ x, kept }, { rate }) => {
    const scaled = (x as tf.Tensor).mul(1 / (1 - Number(rate)));
    return [tf.where(kept as tf.Tensor, scaled, tf.zerosLike(scaled))];
  },
};

function keepAndMask(x: tf.Tensor | undefined, uniform: tf.Tensor, rate: unknown): tf.Tensor[] {
  const kept = uniform.greaterEqual(Number(rate));
  const [y] = runTrainingOp(KEEP, { x: x as tf.Tensor, kept }, { rate: Number(rate) });
  return [y as tf.Tensor, kept];
}
