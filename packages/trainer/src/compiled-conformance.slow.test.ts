import { loadEngine } from '@superconvergence/engine';
import { modelNames, type ModelName } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW } from './adam-w.ts';
import { sgd } from './sgd.ts';
import {
  differences,
  lastingDifferences,
  ownOptimizer,
  stockOptimizer,
  type StepFactory,
} from './testing/compiled-conformance.ts';

beforeAll(async () => {
  await loadEngine({ fallback: 'error', quiet: true });
});

const rates = { learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 };

/** Small, for speed, but with 2×2 pixels left at the end, so that normalisation has something to normalise. */
function sizeOf(name: ModelName): number {
  if (name === 'lenet') return 28;
  if (name.startsWith('wrn')) return 8;
  return /^resnet-(18|34|50|101|50-stem32)$/.test(name) ? 64 : 16;
}

/** Nets of which 20 eager steps take minutes. */
function isLarge(name: ModelName): boolean {
  return /^(wrn-(16|28)-10|wrn-40-4|(he-)?resnet-(34|50|101|110)|resnet-(18|50)-(cifar|stem32)|wide32|densenet-40)/.test(
    name,
  );
}

/**
 * So small that the twins stay at the same weights. Deep networks are chaotic on noise: at 1e-4 rounding grows to gradients
 * that have nothing in common after a few steps. What updates do to weights, the optimisers are tested for below.
 */
const TINY_RATE = 1e-9;

describe('every network of the table does compiled what it does eagerly', () => {
  it.each(modelNames)('%s', async (model) => {
    const size = sizeOf(model);
    const found = await lastingDifferences({
      model,
      options: { inputShape: [size, size, 3], classes: 10 },
      batchSize: 8,
      optimizer: ownOptimizer(sgd(), { ...rates, learningRate: TINY_RATE }),
      expectsFlips: true,
      numSteps: isLarge(model) ? 5 : 20,
    });
    expect(found).toEqual([]);
  });
});

const optimizers: Record<string, StepFactory> = {
  'sgd, Nesterov, torch': ownOptimizer(sgd(), rates),
  'sgd, Nesterov, caffe': ownOptimizer(sgd({ form: 'caffe' }), rates),
  'sgd, classical, torch': ownOptimizer(sgd({ nesterov: false }), rates),
  'sgd, classical, caffe': ownOptimizer(sgd({ nesterov: false, form: 'caffe' }), rates),
  adamW: ownOptimizer(adamW(), { ...rates, learningRate: 1e-4, weightDecay: 0.01 }),
  'tf.train.sgd': stockOptimizer(() => tf.train.sgd(1e-3)),
  'tf.train.momentum': stockOptimizer(() => tf.train.momentum(1e-3, 0.9, true)),
  'tf.train.adam': stockOptimizer(() => tf.train.adam(1e-4)),
  'tf.train.rmsprop': stockOptimizer(() => tf.train.rmsprop(1e-4, 0.9, 0.5)),
  'tf.train.adagrad': stockOptimizer(() => tf.train.adagrad(1e-4)),
  'tf.train.adadelta': stockOptimizer(() => tf.train.adadelta(1e-3)),
  'tf.train.adamax': stockOptimizer(() => tf.train.adamax(1e-4)),
};

// A network without biases before normalisations: their gradients are rounding, of which Adam makes steps of full size.
describe('every optimiser does compiled what it does eagerly', () => {
  it.each(Object.entries(optimizers))('%s', async (_name, optimizer) => {
    const options = { inputShape: [8, 8, 3] } as const;
    expect(await differences({ model: 'wrn-10-1', options, batchSize: 8, optimizer })).toEqual([]);
  });
});
