import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe } from 'vitest';
import { LARGE_MODELS } from './testing/large-models.ts';
import { testModel } from './testing/model-conformance.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('conformance of large networks', () => {
  for (const expected of LARGE_MODELS) testModel(expected);
});
