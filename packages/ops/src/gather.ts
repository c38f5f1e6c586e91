import * as tf from '@tensorflow/tfjs';
import { runTrainingOp, type TrainingOp } from './training-op.ts';

/**
 * `tf.gather` along axis `batchDims`, whose native kernel in tfjs-node reads every index back to check it: here
 * TensorFlow checks (on a CPU an error; on a GPU zeros).
 *
 * @param x `[…batch, K, …rest]` float32 or int32
 * @param indices `[…batch, Q]` int32 in `[0, K)`
 * @param batchDims how many leading axes belong to both
 * @returns `[…batch, Q, …rest]`
 */
export function gather(x: tf.Tensor, indices: tf.Tensor, batchDims = 0): tf.Tensor {
  const [gathered] = runTrainingOp(GATHER, { x, indices }, { batchDims }) as [tf.Tensor];
  return gathered;
}

const GATHER: TrainingOp = {
  name: 'SuperconvergenceGather',
  native: (backend, inputs, { batchDims }) => {
    const { x, indices } = inputs as Record<'x' | 'indices', tf.Tensor>;
    const { TF_ATTR_INT, TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
    const attributes = [
      { name: 'batch_dims', type: TF_ATTR_INT, value: batchDims },
      { name: 'Tparams', type: TF_ATTR_TYPE, value: x.dtype === 'int32' ? TF_INT32 : TF_FLOAT },
      { name: 'Tindices', type: TF_ATTR_TYPE, value: TF_INT32 },
      { name: 'Taxis', type: TF_ATTR_TYPE, value: TF_INT32 },
    ];
    const axis = tf.scalar(Number(batchDims), 'int32');
    return [backend.executeSingleOutput('GatherV2', attributes, [x, indices, axis])];
  },
  composed: (inputs, { batchDims }) => {
    const { x, indices } = inputs as Record<'x' | 'indices', tf.Tensor>;
    return [tf.gather(x, indices, Number(batchDims), Number(batchDims))];
  },
};
