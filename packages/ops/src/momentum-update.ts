import * as tf from '@tensorflow/tfjs';
import { checkSameShape, checkScalar, checkTensor } from './checks.ts';
import { hasEngineKernels } from './engine-kernels.ts';
import { runTrainingOp, type TrainingOp } from './training-op.ts';

/** What {@link momentumUpdate} computes with. */
export type MomentumUpdateInputs<T extends tf.Tensor = tf.Tensor> = {
  /** float32, any shape */
  weight: T;
  /** float32, the weight's shape; zeros before the first update */
  velocity: tf.Tensor;
  /** float32, the weight's shape */
  gradient: tf.Tensor;
  /** float32 scalar */
  learningRate: tf.Scalar;
  /** float32 scalar */
  momentum: tf.Scalar;
  /** float32 scalar; left out: none. */
  weightDecay?: tf.Scalar | undefined;
};

/** Options of {@link momentumUpdate}. */
export type MomentumUpdateOptions = {
  /** Nesterov's momentum instead of the classical one. @default true */
  nesterov?: boolean;
  /** Where the learning rate stands: outside the velocity (`'torch'`) or inside it (`'caffe'`). @default 'torch' */
  form?: 'torch' | 'caffe';
};

/**
 * One update of stochastic gradient descent with momentum and coupled weight decay, as new tensors. With
 * `g = gradient + weightDecay · weight`:
 *
 * - `'torch'`: `v ← m·v + g`, `w ← w − lr·v`, Nesterov `w ← w − lr·(g + m·v)`
 * - `'caffe'`: `v ← m·v + lr·g`, `w ← w − v`, Nesterov `w ← w − ((1 + m)·v − m·v_old)`
 *
 * With the engine's own operations on a CPU this is one pass over the weight; elsewhere it is composed.
 *
 * @throws TypeError or RangeError for a wrong dtype or shape
 * @see torch.optim.SGD of PyTorch 2.15 (dampening 0), and SGDSolver and NesterovSolver of BVLC/caffe
 * @example
 * const [w, v, g] = [tf.tensor1d([1]), tf.tensor1d([0]), tf.tensor1d([1])];
 * const scalars = { learningRate: tf.scalar(0.1), momentum: tf.scalar(0.9) };
 * momentumUpdate({ weight: w, velocity: v, gradient: g, ...scalars }); // weight [0.81], velocity [1]
 */
export function momentumUpdate<T extends tf.Tensor>(
  inputs: MomentumUpdateInputs<T>,
  options: MomentumUpdateOptions = {},
): { weight: T; velocity: T } {
  const { weight, velocity, gradient, learningRate, momentum, weightDecay } = inputs;
  const { nesterov = true, form = 'torch' } = options;
  checkTensor('weight', weight, { dtype: 'float32', ranks: [weight.rank] });
  checkSameShape('velocity', velocity, 'weight', weight);
  checkSameShape('gradient', gradient, 'weight', weight);
  const scalars = { learningRate, momentum, ...(weightDecay && { weightDecay }) };
  for (const [name, scalar] of Object.entries(scalars)) checkScalar(name, scalar);
  return tf.tidy(() => {
    const tensors = { weight, velocity, gradient, ...scalars };
    const [newWeight, newVelocity] = runTrainingOp(MOMENTUM_UPDATE, tensors, { nesterov, form }) as [T, T];
    return { weight: newWeight, velocity: newVelocity };
  });
}

/** Outputs: weight, velocity. */
const MOMENTUM_UPDATE: TrainingOp = {
  name: 'SuperconvergenceMomentumUpdate',
  native: (backend, inputs, attributes) => {
    if (!hasEngineKernels(backend)) return composed(inputs as MomentumUpdateInputs, attributes);
    const { weight, velocity, gradient, learningRate, momentum, weightDecay = tf.scalar(0) } = inputs;
    const { TF_ATTR_BOOL } = backend.binding;
    return backend.executeMultipleOutputs(
      'SuperconvergenceMomentumUpdate',
      [
        { name: 'nesterov', type: TF_ATTR_BOOL, value: attributes.nesterov },
        { name: 'caffe', type: TF_ATTR_BOOL, value: attributes.form === 'caffe' },
      ],
      [weight, velocity, gradient, learningRate, momentum, weightDecay] as tf.Tensor[],
      2,
    );
  },
  composed: (inputs, attributes) => composed(inputs as MomentumUpdateInputs, attributes),
};

function composed(inputs: MomentumUpdateInputs, { nesterov, form }: Record<string, unknown>): tf.Tensor[] {
  const { weight, velocity, gradient, weightDecay } = inputs;
  const g = weightDecay ? gradient.add(weight.mul(weightDecay)) : gradient;
  const rule = updateRules[form === 'caffe' ? 'caffe' : 'torch'][nesterov ? 'nesterov' : 'classical'];
  const next = rule(velocity, g, inputs);
  return [weight.sub(next.change), next.velocity];
}

type UpdateRule = (
  v: tf.Tensor,
  g: tf.Tensor,
  scalars: { learningRate: tf.Scalar; momentum: tf.Scalar },
) => { velocity: tf.Tensor; change: tf.Tensor };

const updateRules: Record<'torch' | 'caffe', Record<'classical' | 'nesterov', UpdateRule>> = {
  torch: {
    classical(v, g, { learningRate, momentum }) {
      const velocity = v.mul(momentum).add(g);
      return { velocity, change: velocity.mul(learningRate) };
    },
    nesterov(v, g, { learningRate, momentum }) {
      const velocity = v.mul(momentum).add(g);
      return { velocity, change: g.add(velocity.mul(momentum)).mul(learningRate) };
    },
  },
  caffe: {
    classical(v, g, { learningRate, momentum }) {
      const velocity = v.mul(momentum).add(g.mul(learningRate));
      return { velocity, change: velocity };
    },
    nesterov(v, g, { learningRate, momentum }) {
      const velocity = v.mul(momentum).add(g.mul(learningRate));
      const ahead = velocity.mul(momentum.add(1));
      return { velocity, change: ahead.sub(v.mul(momentum)) };
    },
  },
};
