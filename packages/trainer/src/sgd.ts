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
  const rule = updateRules[form][nesterov ? 'nesterov' : 'classical'];
  return (variables) => {
    const velocities = variables.map(({ name, variable }) => ({
      name: `${name}/velocity`,
      variable: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    }));
    const updateOne = (
      { name, variable }: NamedVariable,
      velocity: tf.Variable,
      gradient: tf.Tensor,
      s: UpdateScalars,
    ) => {
      tf.tidy(() => {
        const g = decays(name) ? tf.add(gradient, tf.mul(variable, s.weightDecay)) : gradient;
        const next = rule(velocity, g, s);
        velocity.assign(next.velocity);
        variable.assign(tf.sub(variable, next.change));
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

type UpdateRule = (
  v: tf.Tensor,
  g: tf.Tensor,
  s: UpdateScalars,
) => { velocity: tf.Tensor; change: tf.Tensor };

const updateRules: Record<'torch' | 'caffe', Record<'classical' | 'nesterov', UpdateRule>> = {
  torch: {
    classical(v, g, { learningRate, momentum }) {
      const velocity = tf.add(tf.mul(v, momentum), g);
      return { velocity, change: tf.mul(velocity, learningRate) };
    },
    nesterov(v, g, { learningRate, momentum }) {
      const velocity = tf.add(tf.mul(v, momentum), g);
      return { velocity, change: tf.mul(tf.add(g, tf.mul(velocity, momentum)), learningRate) };
    },
  },
  caffe: {
    classical(v, g, { learningRate, momentum }) {
      const velocity = tf.add(tf.mul(v, momentum), tf.mul(g, learningRate));
      return { velocity, change: velocity };
    },
    nesterov(v, g, { learningRate, momentum }) {
      const velocity = tf.add(tf.mul(v, momentum), tf.mul(g, learningRate));
      const ahead = tf.mul(velocity, tf.add(momentum, 1));
      return { velocity, change: tf.sub(ahead, tf.mul(v, momentum)) };
    },
  },
};

function isKernel(name: string): boolean {
  return name.endsWith('/kernel');
}
