import fc from 'fast-check';

/** Numbers that length fields get: none, few, the borders of 16, 31 and 32 bits, and a billion. */
const lengths = [0, 1, 2, 255, 65_535, 65_536, 1_000_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Change = (bytes: Uint8Array) => Uint8Array;

/** A sound input in the parts that it is made of. */
export interface Sample {
  readonly parts: readonly Uint8Array[];
  /** Makes lengths and checksums right, so that a change of a part goes deeper than these. Default: one part alone. */
  readonly join?: (parts: readonly Uint8Array[]) => Uint8Array;
}

/** The input as it is. */
export function wholeOf({ parts, join = (all) => Buffer.concat(all) }: Sample): Uint8Array {
  return join(parts);
}

/**
 * One of `samples` with one to four changes in one of its parts: bits flipped, bytes inserted, removed or repeated, the end
 * cut off, a field of two or four bytes overwritten with a length that is hard to believe. Half of the changes are among
 * the first 64 bytes, where headers are, and half of the parts keep their length.
 */
export function altered(samples: readonly Sample[]): fc.Arbitrary<Uint8Array> {
  const changes = fc.oneof(fc.tuple(change), fc.array(change, { minLength: 1, maxLength: 4 }));
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat({ max: 1_000 }), changes, fc.boolean())
    .map(([{ parts, join }, which, apply, keepsLength]) =>
      wholeOf({
        join,
        parts: parts.map((part, i) => {
          if (i !== which % parts.length) return part;
          const result = apply.reduce((bytes, one) => one(bytes), part);
          return keepsLength ? withLength(result, part.length) : result;
        }),
      }),
    );
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes.subarray(0, length));
  return result;
}

/** A place in `bytes` by two random numbers of 0 … 1. */
const place = fc
  .tuple(fc.boolean(), fc.nat({ max: 1_000_000 }))
  .map(([isEarly, share]) => (bytes: Uint8Array): number => {
    const range = isEarly ? Math.min(64, bytes.length) : bytes.length;
    return Math.floor((share / 1_000_001) * range);
  });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(place, fc.oneof(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 255 })))
    .map(([at, mask]): Change => (bytes) => {
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
