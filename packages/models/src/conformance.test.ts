import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelNames } from './index.ts';
import { testModel } from './testing/model-conformance.ts';
import { countedInPytorch, expectedModels } from './testing/zoo-expectations.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('conformance', () => {
  for (const expected of expectedModels('small')) testModel(expected);

  test('every network of the table is tested here or in the slow tests', () => {
    const tested = [...expectedModels('small'), ...expectedModels('large')].map(({ name }) => name);
    expect(tested.sort()).toEqual([...modelNames].sort());
  });

  test.each([
    // With the biases of convolutions, from the prototxt files of lnsmith54/super-convergence.
    ['resnet-20', 224_042],
    ['resnet-56', 808_682],
    ['resnet-110', 1_685_642],
    // https://arxiv.org/abs/1512.03385, table 6: 0.27 M, 0.46 M, 0.66 M, 0.85 M, 1.7 M.
    ['he-resnet-20', 269_722],
    ['he-resnet-110', 1_727_962],
    // https://github.com/chenyaofo/pytorch-cifar-models: 0.27 M and 0.86 M.
    ['he-resnet-20-b', 272_474],
    ['he-resnet-56-b', 855_770],
    // https://arxiv.org/abs/1605.07146, table 4: 36.5 M, 17.1 M, 8.9 M.
    ['wrn-28-10', 36_479_194],
    ['wrn-16-10', 17_116_634],
    ['wrn-40-4', 8_949_210],
    // domluna/SuperConvergence.
    ['wrn-16-10-fixup', 17_113_288],
    // torchvision.
    ['resnet-18', 11_689_512],
    ['resnet-34', 21_797_672],
    ['resnet-50', 25_557_032],
    ['resnet-101', 44_549_160],
    // kuangliu/pytorch-cifar.
    ['resnet-18-cifar', 11_173_962],
    ['resnet-50-cifar', 23_520_842],
    // https://arxiv.org/abs/1608.06993, table 2: 1.0 M.
    ['densenet-40', 1_019_722],
    // 5·5·3·32 + 32, 5·5·32·32 + 32, 5·5·32·64 + 64, 4·4·64·10 + 10.
    ['cifar3', 2_432 + 25_632 + 51_264 + 10_250],
    // 5·5·20 + 20, 5·5·20·50 + 50, 4·4·50·500 + 500, 500·10 + 10.
    ['lenet', 520 + 25_050 + 400_500 + 5_010],
  ] as const)('%s has the published number of parameters, %d', (name, parameters) => {
    expect(countedInPytorch(name).parameters).toBe(parameters);
  });
});
