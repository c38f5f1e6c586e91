import type { TensorValues } from './safe-tensors.ts';

/** How a type of the format becomes an array of JavaScript. */
export type ElementType = {
  bytes: 1 | 2 | 4 | 8;
  /** @param buffer whole elements, little-endian */
  read: (buffer: ArrayBuffer) => TensorValues;
};

/** The types of the format that are read, by their names there. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map(
  Object.entries({
    F64: { bytes: 8, read: (buffer) => new Float32Array(new Float64Array(buffer)) },
    F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
    F16: { bytes: 2, read: (buffer) => widened(buffer, float32BitsOfHalf) },
    // The upper half of a float32.
    BF16: { bytes: 2, read: (buffer) => widened(buffer, (bits) => bits << 16) },
    I64: { bytes: 8, read: (buffer) => new BigInt64Array(buffer) },
    U64: { bytes: 8, read: (buffer) => new BigUint64Array(buffer) },
    I32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
    U32: { bytes: 4, read: (buffer) => new Uint32Array(buffer) },
    I16: { bytes: 2, read: (buffer) => new Int16Array(buffer) },
    U16: { bytes: 2, read: (buffer) => new Uint16Array(buffer) },
    I8: { bytes: 1, read: (buffer) => new Int8Array(buffer) },
    U8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
    BOOL: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  } satisfies Record<string, ElementType>),
);

const TYPE_NAMES = {
  Float32Array: 'F32',
  BigInt64Array: 'I64',
  BigUint64Array: 'U64',
  Int32Array: 'I32',
  Uint32Array: 'U32',
  Int16Array: 'I16',
  Uint16Array: 'U16',
  Int8Array: 'I8',
  Uint8Array: 'U8',
} as const satisfies Record<TensorValues[typeof Symbol.toStringTag], string>;

/** The format's name for the type of an array; undefined for one that it has no type for. */
export function typeName(values: TensorValues): string | undefined {
  return (TYPE_NAMES as Partial<typeof TYPE_NAMES>)[values[Symbol.toStringTag]];
}

function widened(buffer: ArrayBuffer, float32Bits: (bits: number) => number): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), float32Bits).buffer);
}

/** IEEE 754 binary16 has 5 bits of exponent with bias 15 and 10 of fraction; binary32 has 8 with bias 127 and 23. */
function float32BitsOfHalf(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 127 - 15) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal, fraction · 2⁻²⁴: normal in float32, with the highest bit that is set as its hidden one.
  const highest = 31 - Math.clz32(fraction);
  return sign | ((highest - 24 + 127) << 23) | ((fraction << (23 - highest)) & 0x7fffff);
}
