import { CifarError } from '../errors.ts';

/** Unsigned bytes, the only type that MNIST and its relatives use. */
const unsignedByte = 0x08;
/** MNIST's images have three dimensions, its labels one; nothing has more than four. */
const maxDimensions = 4;

/** An array of unsigned bytes, row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads the idx format: two zero bytes, the type, the number of dimensions, each dimension as 32 bits big-endian, then
 * the values.
 *
 * @param label what to call the file in errors
 * @returns `data` shares memory with `bytes`
 * @throws {CifarError} `corrupt`
 * @see http://yann.lecun.com/exdb/mnist/
 */
export function parseIdx(bytes: Uint8Array, label: string): IdxArray {
  const corrupt = (reason: string): CifarError =>
    new CifarError('corrupt', `${label} is not a sound idx file of bytes: ${reason}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 4 || view.getUint16(0) !== 0) throw corrupt('it does not begin with two zero bytes');
  if (bytes[2] !== unsignedByte) throw corrupt(`its type is ${bytes[2] ?? ''}, not ${unsignedByte}`);
  const numDimensions = bytes[3] ?? 0;
  if (numDimensions < 1 || numDimensions > maxDimensions) throw corrupt(`it has ${numDimensions} dimensions`);
  const headerBytes = 4 + 4 * numDimensions;
  if (bytes.length < headerBytes) throw corrupt('it ends in its header');
  const shape = Array.from({ length: numDimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = shape.reduce((product, size) => product * size, 1);
  const data = bytes.subarray(headerBytes);
  if (data.length !== expected) {
    throw corrupt(`it has ${data.length} values, and its header says ${shape.join(' × ')}`);
  }
  return { shape, data };
}
