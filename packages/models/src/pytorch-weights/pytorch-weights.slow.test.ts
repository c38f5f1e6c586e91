import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe } from 'vitest';
import { stateDicts, testStateDict } from '../testing/pytorch-state-dicts.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('PyTorch weights of large networks', () => {
  for (const network of stateDicts({ size: 'large' })) testStateDict(network);
});
