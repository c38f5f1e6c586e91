import * as tf from '@tensorflow/tfjs';
import { checkSameShape, checkScalar, checkTensor } from './checks.ts';
import { hasEngineKernels } from './engine-kernels.ts';
import { floatType, runTrainingOp, type TrainingOp } from './training-op.ts';

/** What {@link adamWUpdate} computes with. */
export type AdamWUpdateInputs<T extends tf.Tensor = tf.Tensor> = {
  /** float32, any shape */
  weight: T;
  /** float32, the weight's shape; zeros before the first update */
  firstMoment: tf.Tensor;
  /** float32, the weight's shape; zeros before the first update */
  secondMoment: tf.Tensor;
  /** float32, the weight's shape */
  gradient: tf.Tensor;
  /** float32 scalar */
  learningRate: tf.Scalar;
  /** float32 scalar in [0, 1) */
  beta1: tf.Scalar;
  /** float32 scalar in [0, 1) */
  beta2: tf.Scalar;
  /** float32 scalar: the number of this update, 1 for the first */
  step: tf.Scalar;
  /** float32 scalar; left out: none. */
  weightDecay?: tf.Scalar | undefined;
};

/** Options of {@link adamWUpdate}. */
export type AdamWUpdateOptions = {
  /** Added to the root of the second moment. @default 1e-8 */
  epsilon?: number;
};

/**
 * One update of AdamW, as new tensors: weight decay acts on the weight directly, decoupled from the gradient.
 *
 * - `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`
 * - `w ← w − lr·weightDecay·w − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`
 *
 * With the engine's own operations on a CPU this is one pass over the weight; elsewhere it is composed.
 *
 * @throws TypeError or RangeError for a wrong dtype, shape or epsilon
 * @see Loshchilov & Hutter, https://arxiv.org/abs/1711.05101, Algorithm 2, in the form of PyTorch's torch.optim.AdamW
 */
export function adamWUpdate<T extends tf.Tensor>(
  inputs: AdamWUpdateInputs<T>,
  options: AdamWUpdateOptions = {},
): { weight: T; firstMoment: T; secondMoment: T } {
  const { weight, firstMoment, secondMoment, gradient, weightDecay } = inputs;
  const { learningRate, beta1, beta2, step } = inputs;
  const { epsilon = 1e-8 } = options;
  checkTensor('weight', weight, { dtype: 'float32', ranks: [weight.rank] });
  for (const [name, tensor] of Object.entries({ firstMoment, secondMoment, gradient })) {
    checkSameShape(name, tensor, 'weight', weight);
  }
  const scalars = { learningRate, beta1, beta2, step, ...(weightDecay && { weightDecay }) };
  for (const [name, scalar] of Object.entries(scalars)) checkScalar(name, scalar);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new RangeError(`epsilon must be a number, at least 0, but is ${epsilon}`);
  }
  return tf.tidy(() => {
    const tensors = { weight, firstMoment, secondMoment, gradient, ...scalars };
    const [w, m, v] = runTrainingOp(ADAM_W_UPDATE, tensors, { epsilon }) as [T, T, T];
    return { weight: w, firstMoment: m, secondMoment: v };
  });
}

/** Outputs: weight, first moment, second moment. */
const ADAM_W_UPDATE: TrainingOp = {
  name: 'SuperconvergenceAdamWUpdate',
  native: (backend, inputs, { epsilon }) => {
    if (!hasEngineKernels(backend)) return composed(inputs as AdamWUpdateInputs, Number(epsilon));
    const { weight, firstMoment, secondMoment, gradient } = inputs;
    const { learningRate, beta1, beta2, weightDecay = tf.scalar(0), step } = inputs;
    return backend.executeMultipleOutputs(
      'SuperconvergenceAdamWUpdate',
      [{ name: 'epsilon', type: backend.binding.TF_ATTR_FLOAT, value: epsilon }, floatType(backend, 'Tstep')],
      [
        weight,
        firstMoment,
        secondMoment,
        gradient,
        learningRate,
        beta1,
        beta2,
        weightDecay,
        step,
      ] as tf.Tensor[],
      3,
    );
  },
  composed: (inputs, { epsilon }) => composed(inputs as AdamWUpdateInputs, Number(epsilon)),
};

function composed(inputs: AdamWUpdateInputs, epsilon: number): tf.Tensor[] {
  const { weight, gradient, learningRate, beta1, beta2, step, weightDecay } = inputs;
  const decayed = weightDecay ? weight.sub(weight.mul(learningRate.mul(weightDecay))) : weight;
  const [rest1, rest2] = [complement(beta1), complement(beta2)];
  const firstMoment = inputs.firstMoment.mul(beta1).add(gradient.mul(rest1));
  const secondMoment = inputs.secondMoment.mul(beta2).add(gradient.square().mul(rest2));
  const denominator = secondMoment.div(biasCorrection(rest2, step)).sqrt().add(epsilon);
  const change = firstMoment.div(denominator).mul(learningRate.div(biasCorrection(rest1, step)));
  return [decayed.sub(change), firstMoment, secondMoment];
}

/**
 * 1 − β of the decimal fraction that β was rounded from: the float32 next to 0.999 would make it 1.3e-5 too small.
 */
function complement(beta: tf.Scalar): tf.Scalar {
  return tf.sub<tf.Scalar>(1, beta).mul<tf.Scalar>(1e7).round().div(1e7);
}

/** 1 − βᵗ from 1 − β. As a difference it would lose most digits of float32 to β₂ = 0.999 in the first steps. */
function biasCorrection(rest: tf.Scalar, step: tf.Scalar): tf.Scalar {
  return rest.neg().log1p().mul<tf.Scalar>(step).expm1().neg();
}
