import { modelVariant, type ModelFamily, type ModelName } from './model-table.ts';

/** Factors of one weight's learning rate and weight decay. */
export type Multipliers = { learningRate: number; weightDecay: number };

const ONES: Multipliers = { learningRate: 1, weightDecay: 1 };

/** Caffe's custom: biases learn twice as fast. */
const DOUBLE_RATE: Multipliers = { learningRate: 2, weightDecay: 1 };
const DOUBLE_RATE_NO_DECAY: Multipliers = { learningRate: 2, weightDecay: 0 };

/**
 * The learning-rate and weight-decay multipliers that a network's source trains it with, by the weight's name: Caffe's
 * `lr_mult` and `decay_mult` (weights that a prototxt says nothing of have 1 and 1), Fixup's tenth of the rate for biases
 * and scales, and 1 and 1 where PyTorch or Torch decay everything alike.
 *
 * It has the form that the optimisers of `@superconvergence/trainer` take: `sgd({ multipliers: parameterMultipliers(name) })`.
 *
 * @throws RangeError for an unknown name
 * @see the sources of `modelVariant(name)`; `cifar/cifar_train.py` of https://github.com/hongyi-zhang/Fixup
 * @example
 * parameterMultipliers('cifar3')('head/dense/kernel'); // { learningRate: 1, weightDecay: 250 }
 */
export function parameterMultipliers(name: ModelName): (weight: string) => Multipliers {
  const { family } = modelVariant(name);
  return MULTIPLIERS[family];
}

/**
 * By family: the prototxt of ResNet-56 stands for all super-convergence networks. (Those of ResNet-110 and of the dropout
 * variant decay the biases of convolutions as well, which batch norm cancels.)
 */
const MULTIPLIERS: Record<ModelFamily['family'], (weight: string) => Multipliers> = {
  'superconvergence-resnet': convolutionBiasesUndecayed,
  'pre-activation-bottleneck': convolutionBiasesUndecayed,
  'disciplined-resnet': (weight) => (weight === 'head/dense/bias' ? DOUBLE_RATE_NO_DECAY : ONES),
  densenet: (weight) => (weight === 'head/dense/bias' ? DOUBLE_RATE : ONES),
  cifar3: (weight) => {
    if (weight === 'head/dense/kernel') return { learningRate: 1, weightDecay: 250 };
    if (weight === 'head/dense/bias') return DOUBLE_RATE_NO_DECAY;
    return weight === 'conv1/bias' || weight === 'conv2/bias' ? DOUBLE_RATE : ONES;
  },
  lenet: (weight) => (weight.endsWith('/bias') ? DOUBLE_RATE : ONES),
  'fixup-wide-resnet': (weight) =>
    /\/(bias|scale)$/.test(weight) ? { learningRate: 0.1, weightDecay: 1 } : ONES,
  'he-resnet': () => ONES,
  'wide-resnet': () => ONES,
  'residual-network': () => ONES,
};

function convolutionBiasesUndecayed(weight: string): Multipliers {
  if (weight === 'head/dense/bias') return DOUBLE_RATE;
  return weight.endsWith('/bias') ? DOUBLE_RATE_NO_DECAY : ONES;
}
