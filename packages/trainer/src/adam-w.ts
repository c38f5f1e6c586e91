import { adamWUpdate } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import type { NamedVariable } from './model-variables.ts';
import { decayKernels, multiplyRates, type ParameterMultipliers } from './parameter-multipliers.ts';
import type { OptimizerFactory } from './sgd.ts';

export interface AdamWOptions {
  /** What the second moment keeps of itself at each step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  epsilon?: number;
  /** Factors of each weight's learning rate and weight decay. Default `decayKernels`. */
  multipliers?: ParameterMultipliers;
}

/**
 * AdamW: Adam with weight decay that acts on the weight directly, `w ← w − lr·weightDecay·w`. Learning rate, momentum
 * (which is β₁) and weight decay are inputs of every update, so each may follow a schedule.
 *
 * Usual learning rates are about a hundredth of SGD's, and usual weight decays a hundred times SGD's.
 *
 * @throws RangeError for an option out of range
 * @see torch.optim.AdamW of PyTorch 2.15; Loshchilov & Hutter, https://arxiv.org/abs/1711.05101
 */
export function adamW(options: AdamWOptions = {}): OptimizerFactory {
  const { beta2 = 0.999, epsilon = 1e-8, multipliers = decayKernels } = options;
  if (!(beta2 >= 0 && beta2 < 1)) throw new RangeError(`beta2 must be in [0, 1); got ${beta2}`);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new RangeError(`epsilon must be a number, at least 0; got ${epsilon}`);
  }
  return (variables) => {
    const ratesOf = multiplyRates(variables, multipliers);
    const firstMoments = variables.map((variable) => zeroSlot(variable, 'firstMoment'));
    const secondMoments = variables.map((variable) => zeroSlot(variable, 'secondMoment'));
    const stepsDone = tf.tidy(() => tf.variable(tf.scalar(0), false));
    const slots = [...firstMoments, ...secondMoments, { name: 'adamW/step', variable: stepsDone }];
    return {
      slots,
      update(gradients, { momentum, ...scalars }) {
        tf.tidy(() => {
          const step = stepsDone.add<tf.Scalar>(1);
          const shared = { beta1: momentum, beta2: tf.scalar(beta2), step };
          const rates = ratesOf(scalars);
          variables.forEach(({ name, variable }, i) => {
            const [firstMoment, secondMoment] = [firstMoments[i]?.variable, secondMoments[i]?.variable];
            const gradient = gradients[i];
            if (!firstMoment || !secondMoment || !gradient) throw new RangeError(`no gradient for ${name}`);
            if (!rates[i]) return;
            const inputs = { weight: variable as tf.Tensor, firstMoment, secondMoment, gradient, ...shared };
            const next = adamWUpdate({ ...inputs, ...rates[i] }, { epsilon });
            firstMoment.assign(next.firstMoment);
            secondMoment.assign(next.secondMoment);
            variable.assign(next.weight);
          });
          stepsDone.assign(step);
        });
      },
      dispose() {
        for (const { variable } of slots) variable.dispose();
      },
    };
  };
}

function zeroSlot({ name, variable }: NamedVariable, slot: string): NamedVariable {
  return {
    name: `${name}/${slot}`,
    variable: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
  };
}
