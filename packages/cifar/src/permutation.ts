import { philox, scaleToBound } from './philox.ts';

/**
 * A random order of `values` (Fisher–Yates), decided by `seed`, `purpose` and `stream` alone.
 *
 * @param stream which of the many orders of one seed and purpose: the epoch, for example
 */
export function permute(
  values: Uint32Array,
  { seed, purpose, stream = 0 }: { seed: number; purpose: number; stream?: number },
): Uint32Array {
  const order = Uint32Array.from(values);
  const random = new Uint32Array(4);
  for (let i = order.length - 1, draw = 0; i > 0; i--, draw++) {
    if (draw % 4 === 0) philox(random, seed, [draw / 4, stream, 0, purpose]);
    const j = scaleToBound(random[draw % 4] ?? 0, i + 1);
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}

/** `0, 1, …, length − 1`. */
export function countUp(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}

/** The examples that an options object speaks of: its `indices`, or else all of `numExamples`. */
export function resolveIndices(options: {
  indices?: Uint32Array | undefined;
  numExamples?: number | undefined;
}): Uint32Array {
  const { indices, numExamples } = options;
  if (indices !== undefined) {
    if (numExamples !== undefined) throw new TypeError('give either indices or numExamples, not both');
    return indices;
  }
  if (numExamples === undefined) throw new TypeError('indices or numExamples must be given');
  // 2^21 is how far scaleToBound is exact.
  if (!Number.isInteger(numExamples) || numExamples < 1 || numExamples > 2 ** 21) {
    throw new RangeError(`numExamples must be an integer from 1 to 2^21; got ${numExamples}`);
  }
  return countUp(numExamples);
}
