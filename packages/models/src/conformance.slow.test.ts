import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe } from 'vitest';
import { testModel } from './testing/model-conformance.ts';
import { expectedModels } from './testing/zoo-expectations.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('conformance of large networks', () => {
  for (const expected of expectedModels('large')) testModel(expected);
});
