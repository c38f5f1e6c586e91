/** A stream of random numbers that depends on nothing but its seed and label. */
export type RandomGenerator = {
  /** Uniform in (0, 1): never 0, never 1. */
  uniform: () => number;
  /** Fills `target` with independent draws from N(0, standardDeviation²). */
  fillNormal: (target: Float32Array, standardDeviation: number) => void;
  /** Fills `target` with independent draws from [−limit, limit]. */
  fillUniform: (target: Float32Array, limit: number) => void;
};

/**
 * A random stream for one thing, here one weight tensor: the same seed and label give the same numbers, other labels
 * unrelated ones, so that adding a layer to a network leaves the weights of the others as they were.
 *
 * The generator is xoshiro128** 1.1, its state filled by splitmix32 from the seed and the label's FNV-1a hash; normal
 * numbers come from the Box–Muller transform in float64. JavaScript leaves the last bit of `Math.log` and `Math.cos`
 * to the engine, so bits are equal wherever the engine is (V8: Node, Deno, Chromium).
 *
 * @param seed integer, 0 … 2³² − 1
 * @see Blackman & Vigna, https://prng.di.unimi.it/xoshiro128starstar.c
 */
export function randomGenerator(seed: number, label: string): RandomGenerator {
  const nextUint32 = xoshiro128(seed, fnv1a(label));
  const uniform = (): number => (nextUint32() + 0.5) / 2 ** 32;
  return {
    uniform,
    fillNormal: (target, standardDeviation) => {
      for (let index = 0; index < target.length; index += 2) {
        const radius = standardDeviation * Math.sqrt(-2 * Math.log(uniform()));
        const angle = 2 * Math.PI * uniform();
        target[index] = radius * Math.cos(angle);
        // Beyond the end of an odd-sized array this write has no effect.
        target[index + 1] = radius * Math.sin(angle);
      }
    },
    fillUniform: (target, limit) => {
      for (let index = 0; index < target.length; index++) target[index] = limit * (2 * uniform() - 1);
    },
  };
}

function xoshiro128(seed: number, stream: number): () => number {
  const next = splitmix32(seed, stream);
  let [a, b, c, d] = [next(), next(), next(), next()];
  return () => {
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return scrambled >>> 0;
  };
}

/** The 32-bit form of splitmix with the finaliser of MurmurHash3; the stream's hash is mixed in after the seed. */
function splitmix32(seed: number, stream: number): () => number {
  let state = mix(seed) ^ stream;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** FNV-1a over the label's UTF-16 code units, a 32-bit integer. */
export function fnv1a(label: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < label.length; index++) {
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
  }
  return hash;
}
