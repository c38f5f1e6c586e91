import * as tf from '@tensorflow/tfjs';
import { expect, vi } from 'vitest';
import type { NativeBackend } from '../training-op.ts';

type Binding = NativeBackend['binding'] & { executeOp: (...args: unknown[]) => unknown };
type Backend = NativeBackend & { binding: Binding; readSync: (dataId: object) => unknown };

/**
 * Runs `f` on native TensorFlow under the conditions of a tracing compiler: no value may be read, and every TensorFlow
 * operation must go through the backend's two methods. Elsewhere it only runs `f` and sees to it that nothing is random.
 */
export function expectTraceable(f: () => tf.TensorContainer): void {
  const random = vi.spyOn(Math, 'random');
  try {
    if (tf.getBackend() === 'tensorflow') runWatched(tf.backend() as unknown as Backend, f);
    else tf.dispose(tf.tidy(f));
    expect(random).not.toHaveBeenCalled();
  } finally {
    random.mockRestore();
  }
}

function runWatched(backend: Backend, f: () => tf.TensorContainer): void {
  const { binding } = backend;
  const executeOp = vi.fn(binding.executeOp);
  const read = vi.spyOn(backend, 'readSync');
  const methods = [vi.spyOn(backend, 'executeSingleOutput'), vi.spyOn(backend, 'executeMultipleOutputs')];
  // The native object's own properties can't be replaced.
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as Binding;
  try {
    tf.dispose(tf.tidy(f));
    expect(read).not.toHaveBeenCalled();
    const numRecorded = methods.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    expect(executeOp).toHaveBeenCalledTimes(numRecorded);
    expect(numRecorded).toBeGreaterThan(0);
  } finally {
    backend.binding = binding;
    for (const spy of [read, ...methods]) spy.mockRestore();
  }
}
