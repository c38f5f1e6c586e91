/** Below it integers, and sums of two of them, are exact where integers are floats (WebGL). */
const LIMIT = 2 ** 23;

/**
 * The seed of a step's dropout, a hash of the run's seed and the step: two integers in [0, 2²³). As an int32 tensor it is
 * the `dropoutSeed` of `trainingStep`.
 *
 * @param seed any integer
 * @param step updates already done
 */
export function dropoutSeed(seed: number, step: number): [number, number] {
  return [hash(seed, step, 1), hash(seed, step, 2)];
}

/** The integers' words of 32 bits, each mixed in by the finaliser of MurmurHash3. */
function hash(...integers: number[]): number {
  let state = 0;
  for (const integer of integers) {
    for (const word of [integer, Math.floor(integer / 2 ** 32)]) {
      state ^= word;
      state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
      state = (state ^ (state >>> 16)) + 0x9e3779b9;
    }
  }
  return (state >>> 0) % LIMIT;
}
