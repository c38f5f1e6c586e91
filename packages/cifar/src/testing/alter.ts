import fc from 'fast-check';

/** Numbers that length fields get: none, few, the borders of 16, 31 and 32 bits, and a billion. */
const lengths = [0, 1, 2, 255, 65_535, 65_536, 1_000_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Change = (bytes: Uint8Array) => Uint8Array;

/**
 * One of `samples` with one to four changes: bits flipped, bytes inserted, removed or repeated, the end cut off, a field of
 * two or four bytes overwritten with a length that is hard to believe. Half of the changes are among the first 64 bytes,
 * where headers are.
 */
export function altered(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([sample, changes]) => changes.reduce((bytes, apply) => apply(bytes), sample));
}

/** A place in `bytes` by two random numbers of 0 … 1. */
const place = fc
  .tuple(fc.boolean(), fc.nat({ max: 1_000_000 }))
  .map(([isEarly, share]) => (bytes: Uint8Array): number => {
    const range = isEarly ? Math.min(64, bytes.length) : bytes.length;
    return Math.floor((share / 1_000_001) * range);
  });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, mask]): Change => (bytes) => {
    const result = Uint8Array.from(bytes);
    const position = at(bytes);
    if (position < result.length) result[position] = (result[position] ?? 0) ^ mask;
    return result;
  }),
  place.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(0, at(bytes)),
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 16 })).map(
    ([at, inserted]): Change =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes)), inserted, bytes.subarray(at(bytes))]),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 32 })).map(
    ([at, length]): Change =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes)), bytes.subarray(at(bytes) + length)]),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 64 })).map(
    ([at, length]): Change =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes) + length), bytes.subarray(at(bytes))]),
  ),
  fc
    .tuple(place, fc.constantFrom(...lengths), fc.boolean(), fc.constantFrom(2, 4))
    .map(([at, value, isLittleEndian, width]): Change => (bytes) => {
      const result = Uint8Array.from(bytes);
      const start = Math.min(at(bytes), bytes.length - width);
      if (start < 0) return result;
      const view = new DataView(result.buffer);
      if (width === 2) view.setUint16(start, value, isLittleEndian);
      else view.setUint32(start, value, isLittleEndian);
      return result;
    }),
);
