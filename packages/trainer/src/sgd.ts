import { momentumUpdate } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import type { NamedVariable } from './model-variables.ts';
import {
  decayKernels,
  multiplyRates,
  type ParameterMultipliers,
  type WeightRates,
} from './parameter-multipliers.ts';

/** The scalars of one update, each a scalar tensor so that a compiled step can be fed with them. */
export interface UpdateScalars {
  readonly learningRate: tf.Scalar;
  readonly momentum: tf.Scalar;
  readonly weightDecay: tf.Scalar;
}

/** Changes variables by their gradients, and keeps what it must remember between steps under their names. */
export interface Optimizer {
  /** Updates every variable; `gradients[i]` belongs to `variables[i]`. */
  update(gradients: readonly tf.Tensor[], scalars: UpdateScalars): void;
  /** The optimiser's own variables, named after those they belong to. */
  readonly slots: readonly NamedVariable[];
  dispose(): void;
}

/** Makes an optimiser for given variables. */
export type OptimizerFactory = (variables: readonly NamedVariable[]) => Optimizer;

export interface SgdOptions {
  /** Nesterov's momentum instead of the classical one. Default `true`. */
  nesterov?: boolean;
  /**
   * Where the learning rate stands. They differ whenever the rate changes while momentum is at work.
   *
   * - `'torch'` (default): outside the velocity. `v ← m·v + g`, `w ← w − lr·v` (Nesterov: `w ← w − lr·(g + m·v)`).
   * - `'caffe'`: inside it. `v ← m·v + lr·g`, `w ← w − v` (Nesterov: `w ← w − ((1 + m)·v − m·v_old)`).
   */
  form?: 'torch' | 'caffe';
  /**
   * Factors of each weight's learning rate and weight decay. In Caffe's form the rate inside the velocity is the
   * multiplied one. Default `decayKernels`.
   */
  multipliers?: ParameterMultipliers;
}

/**
 * Stochastic gradient descent with momentum and coupled weight decay: `g` above is the gradient plus
 * `weightDecay · w`. Learning rate, momentum and weight decay are inputs of every update, so each may follow a schedule
 * (`setMomentum` of `tf.train.momentum` changes nothing).
 *
 * @see torch.optim.SGD of PyTorch 2.15 (`'torch'`, dampening 0) and SGDSolver, NesterovSolver of BVLC/caffe (`'caffe'`).
 */
export function sgd(options: SgdOptions = {}): OptimizerFactory {
  const { nesterov = true, form = 'torch', multipliers = decayKernels } = options;
  return (variables) => {
    const ratesOf = multiplyRates(variables, multipliers);
    const velocities = variables.map(({ name, variable }) => ({
      name: `${name}/velocity`,
      variable: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    }));
    const updateOne = (
      weight: tf.Variable,
      velocity: tf.Variable,
      inputs: { gradient: tf.Tensor; momentum: tf.Scalar } & WeightRates,
    ) => {
      tf.tidy(() => {
        const next = momentumUpdate<tf.Tensor>({ weight, velocity, ...inputs }, { nesterov, form });
        velocity.assign(next.velocity);
        weight.assign(next.weight);
      });
    };
    return {
      slots: velocities,
      update(gradients, { momentum, ...scalars }) {
        tf.tidy(() => {
          const rates = ratesOf(scalars);
          variables.forEach(({ name, variable }, i) => {
            const velocity = velocities[i]?.variable;
            const gradient = gradients[i];
            if (!velocity || !gradient) throw new RangeError(`no gradient for ${name}`);
            if (rates[i]) updateOne(variable, velocity, { gradient, momentum, ...rates[i] });
          });
        });
      },
      dispose() {
        for (const { variable } of velocities) variable.dispose();
      },
    };
  };
}
