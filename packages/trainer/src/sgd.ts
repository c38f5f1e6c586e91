import { momentumUpdate } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import type { NamedVariable } from './model-variables.ts';

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
  /** Which variables weight decay applies to. Default: kernels of convolutions and dense layers only. */
  decays?: (name: string) => boolean;
}

/**
 * Stochastic gradient descent with momentum and coupled weight decay: `g` above is the gradient plus
 * `weightDecay · w`. Learning rate, momentum and weight decay are inputs of every update, so each may follow a schedule
 * (`setMomentum` of `tf.train.momentum` changes nothing).
 *
 * @see torch.optim.SGD of PyTorch 2.15 (`'torch'`, dampening 0) and SGDSolver, NesterovSolver of BVLC/caffe (`'caffe'`).
 */
export function sgd(options: SgdOptions = {}): OptimizerFactory {
  const { nesterov = true, form = 'torch', decays = isKernel } = options;
  return (variables) => {
    const velocities = variables.map(({ name, variable }) => ({
      name: `${name}/velocity`,
      variable: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    }));
    const updateOne = (
      { name, variable }: NamedVariable,
      velocity: tf.Variable,
      gradient: tf.Tensor,
      { learningRate, momentum, weightDecay }: UpdateScalars,
    ) => {
      tf.tidy(() => {
        const inputs = { weight: variable, velocity, gradient, learningRate, momentum };
        const decay = decays(name) ? weightDecay : undefined;
        const next = momentumUpdate<tf.Tensor>({ ...inputs, weightDecay: decay }, { nesterov, form });
        velocity.assign(next.velocity);
        variable.assign(next.weight);
      });
    };
    return {
      slots: velocities,
      update(gradients, scalars) {
        variables.forEach((variable, i) => {
          const velocity = velocities[i]?.variable;
          const gradient = gradients[i];
          if (!velocity || !gradient) throw new RangeError(`no gradient for ${variable.name}`);
          updateOne(variable, velocity, gradient, scalars);
        });
      },
      dispose() {
        for (const { variable } of velocities) variable.dispose();
      },
    };
  };
}

/** The default `decays`: kernels of convolutions and dense layers, no biases, no batch norm. */
export function isKernel(name: string): boolean {
  return name.endsWith('/kernel');
}
