import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIndices, spreadClasses, subsetIndices } from './split.ts';

const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const sizes = fc.integer({ min: 1, max: 500 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

function classCounts(indices: Uint32Array, labels: Uint8Array): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const index of indices) counts[labels[index] ?? 0] = (counts[labels[index] ?? 0] ?? 0) + 1;
  return counts;
}

describe('splitIndices', () => {
  it('is disjoint and complete, ascending, of the right size, the same every time', () => {
    fc.assert(
      fc.property(sizes, shares, seeds, (numExamples, validationShare, seed) => {
        const { train, validation } = splitIndices({ numExamples, validationShare, seed });
        expect(validation).toHaveLength(Math.round(numExamples * validationShare));
        expect([...train, ...validation].sort((a, b) => a - b)).toEqual(
          Array.from({ length: numExamples }, (_, i) => i),
        );
        expect([...validation]).toEqual([...validation].sort((a, b) => a - b));
        expect([...train]).toEqual([...train].sort((a, b) => a - b));
        expect(splitIndices({ numExamples, validationShare, seed })).toEqual({ train, validation });
      }),
    );
  });

  it('holds every smaller validation set of the same seed', () => {
    fc.assert(
      fc.property(sizes, shares, shares, seeds, (numExamples, a, b, seed) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map(
          (validationShare) => splitIndices({ numExamples, validationShare, seed }).validation,
        );
        const members = new Set(large);
        expect([...(small ?? [])].filter((index) => !members.has(index))).toEqual([]);
      }),
    );
  });

  it('takes 5 % by default, and other examples for another seed', () => {
    // domluna/SuperConvergence: 47,500 and 2,500 of CIFAR, 57,000 and 3,000 of MNIST.
    const mnist = splitIndices({ numExamples: 60_000, seed: 1 });
    expect([mnist.train.length, mnist.validation.length]).toEqual([57_000, 3_000]);
    const one = splitIndices({ numExamples: 50_000, seed: 1 });
    expect(one.validation).toHaveLength(2_500);
    expect(one.train).toHaveLength(47_500);
    const other = new Set(splitIndices({ numExamples: 50_000, seed: 2 }).validation);
    // Two draws of 5 % share 125 ± 11.
    const shared = one.validation.filter((index) => other.has(index)).length;
    expect(Math.abs(shared - 125)).toBeLessThan(55);
  });

  it('gives every class its share when labels are given', () => {
    const labels = Uint8Array.from({ length: 50_000 }, (_, i) => i % 10);
    const { train, validation } = splitIndices({ numExamples: 50_000, seed: 3, labels });
    expect(classCounts(validation, labels)).toEqual(Array.from({ length: 10 }, () => 250));
    expect(classCounts(train, labels)).toEqual(Array.from({ length: 10 }, () => 4_750));
  });

  it('gives classes of other sizes their share too', () => {
    // 700, 200 and 100 examples: a tenth is 70, 20 and 10.
    const labels = Uint8Array.from({ length: 1_000 }, (_, i) => (i < 700 ? 0 : i < 900 ? 1 : 2));
    const { validation } = splitIndices({ numExamples: 1_000, validationShare: 0.1, seed: 3, labels });
    expect(classCounts(validation, labels).slice(0, 3)).toEqual([70, 20, 10]);
  });

  it('names what is wrong', () => {
    expect(() => splitIndices({ numExamples: 10, validationShare: 1.5, seed: 1 })).toThrow(
      new RangeError('validationShare must be from 0 to 1; got 1.5'),
    );
    expect(() => splitIndices({ numExamples: 10, validationShare: NaN, seed: 1 })).toThrow(RangeError);
    expect(() => splitIndices({ numExamples: 0, seed: 1 })).toThrow(/numExamples must be .* got 0/);
    expect(() => splitIndices({ numExamples: 10, seed: -1 })).toThrow(/seed must be .* got -1/);
    expect(() => splitIndices({ numExamples: 10, seed: 1, labels: [1] })).toThrow(/labels must hold/);
  });
});

describe('spreadClasses', () => {
  it('has the classes in proportion in every beginning, each in its own order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 0, max: 4, minLength: 1, maxLength: 300 }), (labels) => {
        const all = Uint32Array.from(labels, (_, i) => i);
        const order = spreadClasses(all, labels);
        expect([...order].sort((a, b) => a - b)).toEqual([...all]);
        for (let label = 0; label < 5; label++) {
          const own = order.filter((index) => labels[index] === label);
          expect([...own]).toEqual([...own].sort((a, b) => a - b));
          for (const length of [1, 10, Math.floor(labels.length / 2)]) {
            const inBeginning = order.slice(0, length).filter((index) => labels[index] === label).length;
            // Half an example for each of the five classes, and half of its own.
            expect(
              Math.abs(inBeginning - (own.length / labels.length) * Math.min(length, labels.length)),
            ).toBeLessThan(3.01);
          }
        }
      }),
    );
  });
});

describe('subsetIndices', () => {
  it('begins every larger subset with the smaller one', () => {
    fc.assert(
      fc.property(
        sizes,
        seeds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (numExamples, seed, share, balanced) => {
          const labels = balanced
            ? Uint8Array.from({ length: numExamples }, (_, i) => (i * i) % 10)
            : undefined;
          const size = Math.floor(share * numExamples);
          const all = subsetIndices({ numExamples, size: numExamples, seed, labels });
          expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: numExamples }, (_, i) => i));
          expect(subsetIndices({ numExamples, size, seed, labels })).toEqual(all.slice(0, size));
        },
      ),
    );
  });

  it('chooses among the given indices', () => {
    const { train } = splitIndices({ numExamples: 1_000, seed: 1 });
    const subset = subsetIndices({ indices: train, size: 300, seed: 1 });
    const members = new Set(train);
    expect(new Set(subset).size).toBe(300);
    expect(subset.every((index) => members.has(index))).toBe(true);
  });

  it('holds the classes equally when labels are given', () => {
    const labels = Uint8Array.from({ length: 5_000 }, (_, i) => i % 10);
    for (const size of [10, 1_000, 4_990]) {
      const subset = subsetIndices({ numExamples: 5_000, size, seed: 4, labels });
      expect(classCounts(subset, labels)).toEqual(Array.from({ length: 10 }, () => size / 10));
    }
  });

  it('names what is wrong', () => {
    expect(() => subsetIndices({ numExamples: 10, size: 11, seed: 1 })).toThrow(/size must be .* 10; got 11/);
    expect(() => subsetIndices({ numExamples: 10, size: 1.5, seed: 1 })).toThrow(/got 1\.5/);
    expect(() => subsetIndices({ size: 1, seed: 1 })).toThrow(TypeError);
    expect(() => subsetIndices({ numExamples: 3, indices: Uint32Array.of(1), size: 1, seed: 1 })).toThrow(
      TypeError,
    );
    expect(() => subsetIndices({ indices: Uint32Array.of(7), size: 1, seed: 1, labels: [0] })).toThrow(
      /index 7/,
    );
  });
});
