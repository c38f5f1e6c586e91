import { expect, test } from 'vitest';
import { createModel, parameterMultipliers } from './index.ts';

// The lr_mult and decay_mult of the prototxt files, weight by weight.
test.each([
  ['resnet-56', 'stage1/block1/conv1/kernel', 1, 1],
  ['resnet-56', 'stage1/block1/conv1/bias', 2, 0],
  ['resnet-56', 'stage1/block1/batch_norm1/gamma', 1, 1],
  ['resnet-56', 'head/dense/bias', 2, 1],
  ['resnext-56', 'stage1/block1/shortcut/bias', 2, 0],
  ['gresnet-56', 'stage1/block1/conv1/bias', 1, 1],
  ['gresnet-56', 'head/dense/bias', 2, 0],
  ['densenet-40', 'head/dense/bias', 2, 1],
  ['cifar3', 'conv1/bias', 2, 1],
  ['cifar3', 'conv3/bias', 1, 1],
  ['cifar3', 'head/dense/kernel', 1, 250],
  ['cifar3', 'head/dense/bias', 2, 0],
  ['lenet', 'dense1/bias', 2, 1],
  // cifar_train.py of hongyi-zhang/Fixup: parameters named bias or scale at a tenth of the rate.
  ['wrn-16-2-fixup-scalar', 'stage1/block1/bias3/bias', 0.1, 1],
  ['wrn-16-2-fixup-scalar', 'stage1/block1/scale/scale', 0.1, 1],
  ['wrn-16-2-fixup-scalar', 'stage1/block1/conv1/kernel', 1, 1],
  ['wrn-22-3-fixup', 'head/dense/bias', 0.1, 1],
  ['wrn-16-2', 'stage1/block1/batch_norm1/beta', 1, 1],
  ['resnet-50', 'head/dense/bias', 1, 1],
] as const)('%s, %s: rate × %d, decay × %d', (name, weight, learningRate, weightDecay) => {
  expect(parameterMultipliers(name)(weight)).toEqual({ learningRate, weightDecay });
  const inputShape = name === 'lenet' ? ([16, 16, 1] as const) : ([8, 8, 3] as const);
  const model = createModel(name, { inputShape });
  expect(model.trainableWeights.map(({ originalName }) => originalName)).toContain(weight);
  model.dispose();
});

test('an unknown name', () => {
  expect(() => parameterMultipliers('alexnet' as 'lenet')).toThrow(RangeError);
});
