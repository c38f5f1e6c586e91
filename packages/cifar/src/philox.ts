/** Multipliers and Weyl increments of Philox4x32 (Random123, philox.h). */
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/**
 * What a stream of random numbers is for: the fourth counter word, so that no two uses share numbers. The values are
 * part of the meaning of a seed: never change one.
 */
export const purpose = {
  epochOrder: 1,
  augmentation: 2,
  alternatingMirror: 3,
  split: 4,
  subset: 5,
} as const;

/**
 * The counter-based generator Philox4x32-10: four 32-bit numbers from a 64-bit key (the seed) and a 128-bit counter,
 * with no state in between. Any number can be had at once, in any order, the same in every JavaScript engine.
 *
 * @param out `[4]`, receives the numbers
 * @param seed integer, 0 … 2⁵³−1
 * @param counter four unsigned 32-bit integers
 * @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 */
export function philox(
  out: Uint32Array,
  seed: number,
  counter: readonly [number, number, number, number],
): void {
  philoxWithKey(out, [seed >>> 0, Math.floor(seed / 2 ** 32)], counter);
}

/** {@link philox} with the key's low and high word given apart. */
export function philoxWithKey(
  out: Uint32Array,
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): void {
  let [key0, key1] = key;
  let [x0, x1, x2, x3] = counter;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, x0);
    const high1 = multiplyHigh(multiplier1, x2);
    const low0 = Math.imul(multiplier0, x0);
    const low1 = Math.imul(multiplier1, x2);
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1 >>> 0;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0 >>> 0;
    key0 = (key0 + weyl0) >>> 0;
    key1 = (key1 + weyl1) >>> 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/**
 * Maps a 32-bit random number to `0 … bound − 1`. The probabilities differ by at most bound / 2³² of their value.
 *
 * @param bound integer, 1 … 2²¹ (the product stays exact)
 */
export function scaleToBound(random: number, bound: number): number {
  return Math.floor((random * bound) / 2 ** 32);
}

/** Throws unless `seed` can be a key of {@link philox}. */
export function requireSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed must be an integer from 0 to 2^53 - 1; got ${seed}`);
  }
}

/** The upper 32 bits of a 64-bit product, from four products of 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowHigh = aLow * bHigh;
  const highLow = aHigh * bLow;
  const carry = ((aLow * bLow) >>> 16) + (lowHigh & 0xffff) + (highLow & 0xffff);
  return aHigh * bHigh + (lowHigh >>> 16) + (highLow >>> 16) + (carry >>> 16);
}
