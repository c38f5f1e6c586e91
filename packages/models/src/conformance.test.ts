import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelNames } from './index.ts';
import { testModel, type ExpectedModel } from './testing/model-conformance.ts';
import { LARGE_MODELS } from './testing/large-models.ts';

/** Each block of a stage more, over the three stages, is 97,440 parameters and 14.156 M multiply-accumulates. */
const SC_RESNETS: ExpectedModel[] = [
  { name: 'resnet-8', parameters: 29_162, megaMultiplyAccumulates: 7.52, batchSize: 8 },
  { name: 'resnet-20', parameters: 224_042, megaMultiplyAccumulates: 35.8, batchSize: 8 },
  { name: 'resnet-32', parameters: 418_922, megaMultiplyAccumulates: 64.1, batchSize: 8 },
  { name: 'resnet-44', parameters: 613_802, megaMultiplyAccumulates: 92.5, batchSize: 8 },
  { name: 'resnet-56', parameters: 808_682, megaMultiplyAccumulates: 121, batchSize: 8 },
  { name: 'resnet-110', parameters: 1_685_642, megaMultiplyAccumulates: 248, batchSize: 8 },
];

const OTHERS: ExpectedModel[] = [
  { name: 'wrn-16-2', parameters: 691_674, megaMultiplyAccumulates: 101, batchSize: 8 },
  { name: 'wrn-16-4', parameters: 2_748_890, megaMultiplyAccumulates: 393, batchSize: 4 },
  { name: 'resnet-18-cifar', parameters: 11_173_962, megaMultiplyAccumulates: 555, batchSize: 4 },
];

beforeAll(async () => {
  await loadEngine();
});

describe('conformance', () => {
  for (const expected of [...SC_RESNETS, ...OTHERS]) testModel(expected);

  test('every network of the table is tested here or in the slow tests', () => {
    const tested = [...SC_RESNETS, ...OTHERS, ...LARGE_MODELS].map(({ name }) => name);
    expect(tested.sort()).toEqual([...modelNames].sort());
  });
});
