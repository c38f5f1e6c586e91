import { elementTypes, typeName } from './element-types.ts';
import type { HostTensor, SafeTensors, TensorValues } from './safe-tensors.ts';

/**
 * Writes tensors in the safetensors format: an 8-byte little-endian header length, a JSON header, the values. Python
 * reads it with `safetensors.torch.load_file`.
 *
 * A `Float32Array` becomes `F32`, a `BigInt64Array` (PyTorch's `int64`) `I64`, and so on. Wide types come first, so that
 * all values are aligned; tensors of one width keep their order.
 *
 * @throws RangeError when a tensor has another number of values than its shape, or the name `__metadata__`
 * @throws TypeError for values of another kind of array
 * @see https://github.com/huggingface/safetensors, "Format"
 * @example
 * const file = encodeSafeTensors({
 *   tensors: { weight: { shape: [2], values: Float32Array.of(1, 2) } },
 *   metadata: { step: '7' },
 * });
 */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const ordered = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, ...checkTensor(name, tensor) }))
    .sort((a, b) => b.elementBytes - a.elementBytes);
  let dataBytes = 0;
  const entries = ordered.map(({ name, dtype, shape, bytes }): [string, unknown] => {
    const begin = dataBytes;
    dataBytes += bytes.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, dataBytes] }];
  });
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries])),
  );
  // Padded with spaces so that the values stand at a multiple of 8 and can be viewed without a copy.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { bytes } of ordered) {
    file.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return file;
}

function checkTensor(name: string, { shape, values }: HostTensor<TensorValues>) {
  const dtype = typeName(values);
  const elementBytes = elementTypes.get(dtype ?? '')?.bytes;
  if (dtype === undefined || elementBytes === undefined) {
    throw new TypeError(
      `the values of ${name} must be a Float32Array or an array of integers, but are a ${values[Symbol.toStringTag]}`,
    );
  }
  if (name === '__metadata__') throw new RangeError('a tensor must not have the name __metadata__');
  const size = shape.reduce((product, length) => product * length, 1);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || values.length !== size) {
    throw new RangeError(
      `${name} must have as many values as its shape [${shape.join(', ')}], but has ${values.length}`,
    );
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { dtype, elementBytes, shape, bytes };
}
