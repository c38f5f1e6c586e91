import { requireEpoch } from './augmentation.ts';
import { permute, resolveIndices } from './permutation.ts';
import { purpose, requireSeed } from './philox.ts';

/**
 * The order in which an epoch visits the examples: a random one for every (seed, epoch). Batch `index` of the epoch is
 * entries `index · batchSize …` of it.
 *
 * @param options.indices the examples to visit; or `numExamples` for `0 … numExamples − 1`
 * @param options.epoch integer, 0 … 2³²−1
 * @param options.seed integer, 0 … 2⁵³−1
 * @throws {RangeError} for a value outside its range
 */
export function epochOrder(options: {
  indices?: Uint32Array;
  numExamples?: number;
  epoch: number;
  seed: number;
}): Uint32Array {
  const { epoch, seed } = options;
  requireSeed(seed);
  requireEpoch(epoch);
  return permute(resolveIndices(options), { seed, purpose: purpose.epochOrder, stream: epoch });
}
