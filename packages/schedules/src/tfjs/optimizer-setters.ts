/** As much of a `tf.Optimizer` as is public. */
export type OptimizerLike = { readonly getClassName: () => string };

/** As much of a `tf.Tensor` as is needed here; tfjs itself is not imported. */
type Tensor = {
  kept: boolean;
  clipByValue: (minimum: number, maximum: number) => Tensor;
  mul: (factor: number) => Tensor;
  assign: (value: Tensor) => void;
  dispose: () => void;
};

/**
 * What the updates of tfjs 4.22's optimisers read. Most of it is private there, so each field is looked for before it
 * is relied on.
 */
type Fields = {
  learningRate?: unknown;
  setLearningRate?: (value: number) => void;
  /** Of Adamax: divides the rate by 1 + decay·iteration. */
  decay?: unknown;
  momentum?: unknown;
  m?: Tensor;
  beta1?: unknown;
  accBeta1?: Tensor;
};

type Setter = (value: number) => void;

const readLearningRate = ['Adadelta', 'Adagrad', 'Adam', 'Adamax', 'RMSProp'];

/** Sets the rate of the next update. */
export function learningRateSetter(optimizer: OptimizerLike): Setter {
  const name = optimizer.getClassName();
  const fields = optimizer as unknown as Fields;
  if (name === 'Adamax' && fields.decay !== 0) {
    throw new TypeError(
      'scheduleCallback: the decay of Adamax changes the rate that is set; make it with decay 0',
    );
  }
  if (typeof fields.setLearningRate === 'function') return (value) => fields.setLearningRate?.(value);
  if (readLearningRate.includes(name) && typeof fields.learningRate === 'number') {
    return (value) => {
      fields.learningRate = value;
    };
  }
  throw new TypeError(
    `scheduleCallback: can't set the learning rate of ${name}; use an optimiser of tf.train in tfjs 4.22, or one with a method setLearningRate(value)`,
  );
}

/** Sets the momentum of the next update; for Adam and Adamax `beta1`, which takes its part. */
export function momentumSetter(optimizer: OptimizerLike): Setter {
  const name = optimizer.getClassName();
  const fields = optimizer as unknown as Fields;
  if (name === 'Momentum' && typeof fields.m?.clipByValue === 'function') {
    return (value) => {
      setMomentum(fields as MomentumFields, value);
    };
  }
  if (name === 'RMSProp' && typeof fields.momentum === 'number') {
    return (value) => {
      fields.momentum = value;
    };
  }
  const isAdam = name === 'Adam' || name === 'Adamax';
  if (isAdam && typeof fields.beta1 === 'number' && typeof fields.accBeta1?.mul === 'function') {
    return (value) => {
      setBeta1(fields as AdamFields, value);
    };
  }
  throw new TypeError(
    `scheduleCallback: can't set the momentum of ${name}; use momentum, rmsprop, adam or adamax of tf.train in tfjs 4.22, or leave momentum out`,
  );
}

type MomentumFields = { m: Tensor; momentum: number };
type AdamFields = { beta1: number; accBeta1: Tensor; iterations: number };

/** Updates read the scalar `m`, which tfjs makes once; its own `setMomentum` sets a number that nothing reads. */
function setMomentum(optimizer: MomentumFields, value: number): void {
  const m = optimizer.m.clipByValue(value, value); // a scalar like the old one, holding value
  m.kept = true; // as tf.keep does, so that no scope disposes of it
  optimizer.m.dispose();
  optimizer.m = m;
  optimizer.momentum = value;
}

/**
 * Adam's correction of its bias needs the product of the `beta1` of all updates, the coming one included. tfjs has
 * multiplied `accBeta1` by the last `beta1` in advance; that factor is exchanged for the right one.
 */
function setBeta1(optimizer: AdamFields, value: number): void {
  const { accBeta1, beta1, iterations } = optimizer;
  const inAdvance = beta1 === 0 ? 1 : beta1; // a product that is 0 stays 0
  const product = iterations === 0 ? accBeta1.clipByValue(value, value) : accBeta1.mul(value / inAdvance);
  accBeta1.assign(product);
  product.dispose();
  optimizer.beta1 = value;
}
