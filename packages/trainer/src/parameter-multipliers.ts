import type * as tf from '@tensorflow/tfjs';
import type { NamedVariable } from './model-variables.ts';

/**
 * What the learning rate and the weight decay of a weight are multiplied by, from its name, such as
 * `stage1/block1/conv1/kernel`: Caffe's `lr_mult` and `decay_mult`. Numbers from 0 on; a weight whose learning rate is
 * multiplied by 0 is frozen.
 */
export type ParameterMultipliers = (name: string) => {
  readonly learningRate: number;
  readonly weightDecay: number;
};

/** Weight decay on the kernels of convolutions and dense layers: not on biases, batch norm, or scalars between layers. */
export const decayKernels: ParameterMultipliers = (name) => ({
  learningRate: 1,
  weightDecay: name.endsWith('/kernel') ? 1 : 0,
});

/** Weight decay on every weight, as torch.optim has it without parameter groups. */
export const decayEverything: ParameterMultipliers = () => ({ learningRate: 1, weightDecay: 1 });

/** Learning rate and weight decay of a weight in one update; no weight decay at all is `undefined`. */
export interface WeightRates {
  readonly learningRate: tf.Scalar;
  readonly weightDecay: tf.Scalar | undefined;
}

/**
 * The rates of each variable in turn, from those of an update; `undefined` for a frozen one. A factor of 1 gives the
 * scalar itself, and every other factor is multiplied with once an update, however many variables have it.
 *
 * @throws RangeError for a factor that is negative or no finite number
 */
export function multiplyRates(
  variables: readonly NamedVariable[],
  multipliers: ParameterMultipliers,
): (rates: { learningRate: tf.Scalar; weightDecay: tf.Scalar }) => (WeightRates | undefined)[] {
  const factors = variables.map(({ name }) => checked(name, multipliers(name)));
  return (rates) => {
    const learningRateTimes = multiplesOf(rates.learningRate);
    const weightDecayTimes = multiplesOf(rates.weightDecay);
    return factors.map(({ learningRate, weightDecay }) => {
      if (learningRate === 0) return undefined;
      return {
        learningRate: learningRateTimes(learningRate),
        weightDecay: weightDecay === 0 ? undefined : weightDecayTimes(weightDecay),
      };
    });
  };
}

function multiplesOf(scalar: tf.Scalar): (factor: number) => tf.Scalar {
  const multiples = new Map([[1, scalar]]);
  return (factor) => {
    const multiple = multiples.get(factor) ?? scalar.mul<tf.Scalar>(factor);
    multiples.set(factor, multiple);
    return multiple;
  };
}

function checked(name: string, factors: ReturnType<ParameterMultipliers>): ReturnType<ParameterMultipliers> {
  for (const [rate, factor] of Object.entries(factors)) {
    if (factor >= 0 && factor < Infinity) continue;
    throw new RangeError(`the multiplier of the ${rate} of ${name} must be at least 0; got ${factor}`);
  }
  return factors;
}
