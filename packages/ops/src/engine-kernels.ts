import * as tf from '@tensorflow/tfjs';
import type { NativeBackend } from './training-op.ts';

/**
 * Whether the TensorFlow operations of `@superconvergence/engine` (`SuperconvergenceMomentumUpdate`, …) can run: the
 * engine has set its flag, and the device is the CPU, the only one that they are written for.
 */
export function hasEngineKernels(backend: NativeBackend): boolean {
  // `get` would throw for a flag that nobody has registered.
  return tf.env().getFlags().SUPERCONVERGENCE_KERNELS === true && backend.isUsingGpuDevice !== true;
}
