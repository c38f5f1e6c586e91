import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { forceSavedModels } from './saved-model-choice.ts';

forceSavedModels();

describe('through SavedModels', async () => {
  await import('./compile.test.ts');
  await import('./variables.test.ts');
  await import('./optimizers.test.ts');
  await import('./errors.test.ts');
  await import('./hold-bytes.test.ts');
  // After the suites' own, which load the engine.
  beforeAll(() => {
    tf.env().setFlags({ ...tf.env().getFlags(), SUPERCONVERGENCE_KERNELS: false });
  });

  it('is how these functions run', async () => {
    const { binding } = tf.backend() as unknown as { binding: { getNumOfSavedModels(): number } };
    const compiled = compile((x: tf.Tensor) => x.add(1));
    expect(binding.getNumOfSavedModels()).toBe(0);
    expect((await compiled(tf.scalar(1))).dataSync()).toEqual(Float32Array.of(2));
    expect(binding.getNumOfSavedModels()).toBe(1);
    compiled.dispose();
    expect(binding.getNumOfSavedModels()).toBe(0);
  });
});
