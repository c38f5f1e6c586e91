import { SafeTensorsError } from './errors.ts';
import type { NamedTensors, TensorValues } from './safe-tensors.ts';

/**
 * The same tensors, where all of them are float32, as a checkpoint's are.
 *
 * @throws SafeTensorsError `not-float32` for integers and booleans
 * @example
 * const weights = onlyFloat32(decodeSafeTensors(file).tensors);
 */
export function onlyFloat32(tensors: NamedTensors<TensorValues>): NamedTensors {
  for (const [name, { values }] of Object.entries(tensors)) {
    if (values instanceof Float32Array) continue;
    throw new SafeTensorsError(
      'not-float32',
      `${name} is a ${values[Symbol.toStringTag]}, but all tensors must be float32. Is it the right file?`,
    );
  }
  return tensors as NamedTensors;
}
