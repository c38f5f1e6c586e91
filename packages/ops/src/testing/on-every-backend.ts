import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';

/** Native TensorFlow, and one backend on which every operation is composed. */
const BACKENDS = ['tensorflow', 'cpu'] as const;

/** Runs the same tests on each of `BACKENDS`; each must leave as many tensors as it found. */
export function onEveryBackend(define: (backend: (typeof BACKENDS)[number]) => void): void {
  beforeAll(async () => {
    await loadEngine();
  });
  describe.each(BACKENDS)('on backend %s', (backend) => {
    let tensorsBefore = 0;
    beforeEach(async () => {
      await tf.setBackend(backend);
      tensorsBefore = tf.memory().numTensors;
    });
    afterEach(() => {
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    });
    define(backend);
  });
}
