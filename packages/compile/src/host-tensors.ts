import type { NativeTensor } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { traceError } from './errors.ts';
import { dataTypes, tfjsDataType, type NativeBackend } from './native-backend.ts';

/** The data of a tensor on the host, as a session takes it. */
export function toHost(backend: NativeBackend, tensor: tf.Tensor): NativeTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'string') {
    throw traceError('unsupported', "Tensors of strings can't be compiled. Encode them as numbers outside.");
  }
  // A tensor made by another backend is not in this one's map; tfjs knows where it is.
  const values = backend.tensorMap.has(tensor.dataId) ? backend.readSync(tensor.dataId) : tensor.dataSync();
  return { dtype: dataTypes[dtype], shape, data: asTyped(dtype, values) };
}

function asTyped(dtype: 'float32' | 'int32' | 'bool' | 'complex64', values: ArrayLike<number>) {
  const type = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array }[dtype];
  return values instanceof type ? values : type.from(values);
}

/** A tensor of tfjs from what a session gave. */
export function fromHost({ dtype, shape, data }: NativeTensor): tf.Tensor {
  const type = tfjsDataType(dtype);
  const values =
    type === 'int32' && !(data instanceof Int32Array) ? Int32Array.from(data as Uint8Array) : data;
  return tf.tensor(values as tf.TypedArray, [...shape], type);
}
