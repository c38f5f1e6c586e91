import * as tf from '@tensorflow/tfjs';
import { vi } from 'vitest';

/** Runs `f` as if the engine had set its flag, or had not. */
export function withEngineFlag<R>(isSet: boolean, f: () => R): R {
  const flags = { ...tf.env().getFlags(), SUPERCONVERGENCE_KERNELS: isSet };
  const spy = vi.spyOn(tf.env(), 'getFlags').mockReturnValue(flags);
  try {
    return f();
  } finally {
    spy.mockRestore();
  }
}

/** Whether the loaded engine has operations of its own. */
export function engineHasKernels(): boolean {
  return tf.env().getFlags().SUPERCONVERGENCE_KERNELS === true;
}
