import { permute, resolveIndices } from './permutation.ts';
import { purpose, requireSeed } from './philox.ts';

/** Disjoint halves of a training set, each in ascending order. */
export interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Takes a random `round(validationShare · numExamples)` examples out for validation. For one seed, a larger share
 * contains every smaller one. The default is the split of domluna/SuperConvergence: 47,500 and 2,500 of CIFAR's 50,000
 * training pictures, 57,000 and 3,000 of MNIST's 60,000.
 *
 * @param options.validationShare 0 … 1, default 0.05
 * @param options.seed integer, 0 … 2⁵³−1
 * @param options.labels `[numExamples]`; when given, every class has the same share of both parts, within one example
 *   where the classes are of one size. Without it the draw is purely random: among 2,500 validation pictures of CIFAR-10
 *   a class has 250 ± 15.
 * @throws {RangeError} for a value outside its range
 */
export function splitIndices(options: {
  numExamples: number;
  validationShare?: number;
  seed: number;
  labels?: ArrayLike<number>;
}): Split {
  const { numExamples, validationShare = 0.05, seed, labels } = options;
  requireSeed(seed);
  if (!(validationShare >= 0 && validationShare <= 1)) {
    throw new RangeError(`validationShare must be from 0 to 1; got ${validationShare}`);
  }
  if (labels !== undefined && labels.length !== numExamples) {
    throw new RangeError(
      `labels must hold one label for each of the ${numExamples} examples; got ${labels.length}`,
    );
  }
  const order = splitOrder({ numExamples, seed, labels });
  const numValidation = Math.round(validationShare * numExamples);
  return { train: order.slice(numValidation).sort(), validation: order.slice(0, numValidation).sort() };
}

/** The order in which {@link splitIndices} takes examples out. */
export function splitOrder(options: {
  numExamples: number;
  seed: number;
  labels?: ArrayLike<number> | undefined;
}): Uint32Array {
  const { numExamples, seed, labels } = options;
  const shuffled = permute(resolveIndices({ numExamples }), { seed, purpose: purpose.split });
  return labels ? spreadClasses(shuffled, labels) : shuffled;
}

/**
 * A random `size` of the given examples, in random order. For one seed the subsets are nested: a smaller one is the
 * beginning of every larger one, so that 10,000, 20,000, … examples add and never swap.
 *
 * @param options.indices the examples to choose from; or `numExamples` for `0 … numExamples − 1`
 * @param options.size integer, 0 … the number of examples to choose from
 * @param options.seed integer, 0 … 2⁵³−1
 * @param options.labels labels by index (of the whole data set); when given, every beginning holds the classes equally,
 *   within one example as long as no class is used up
 * @throws {RangeError} for a value outside its range
 */
export function subsetIndices(options: {
  indices?: Uint32Array;
  numExamples?: number;
  size: number;
  seed: number;
  labels?: ArrayLike<number>;
}): Uint32Array {
  const { size, seed, labels } = options;
  requireSeed(seed);
  const all = resolveIndices(options);
  if (!Number.isInteger(size) || size < 0 || size > all.length) {
    throw new RangeError(
      `size must be an integer from 0 to the number of examples, ${all.length}; got ${size}`,
    );
  }
  const shuffled = permute(all, { seed, purpose: purpose.subset });
  return (labels ? interleaveClasses(shuffled, labels) : shuffled).slice(0, size);
}

/**
 * Reorders so that every beginning holds the classes in the proportions of the whole: example `r` of the `n` of its class
 * has its place `(r + ½) / n` of the way. Examples of one class keep their order.
 *
 * @param order examples
 * @param labels by example
 */
export function spreadClasses(order: Uint32Array, labels: ArrayLike<number>): Uint32Array {
  const sizes = new Map<number, number>();
  const ranked = Array.from(order, (index) => {
    const label = labels[index] ?? 0;
    const rank = sizes.get(label) ?? 0;
    sizes.set(label, rank + 1);
    return { index, label, rank };
  });
  const placed = ranked.map(({ index, label, rank }) => ({
    index,
    place: (rank + 0.5) / (sizes.get(label) ?? 1),
  }));
  return Uint32Array.from(
    placed.sort((a, b) => a.place - b.place),
    ({ index }) => index,
  );
}

/** Reorders so that the first of every class come first, then the second of every class, and so on. */
function interleaveClasses(order: Uint32Array, labels: ArrayLike<number>): Uint32Array {
  const seen = new Map<number, number>();
  const rounds: number[][] = [];
  for (const index of order) {
    const label = labels[index];
    if (label === undefined)
      throw new RangeError(`labels must hold a label for index ${index}; it has ${labels.length}`);
    const rank = seen.get(label) ?? 0;
    seen.set(label, rank + 1);
    (rounds[rank] ??= []).push(index);
  }
  return Uint32Array.from(rounds.flat());
}
