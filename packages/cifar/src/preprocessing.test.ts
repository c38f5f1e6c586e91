import { describe, expect, it } from 'vitest';
import { createBatchSource } from './batch-source.ts';
import { imageDataset } from './image-dataset.ts';
import { preprocessing, preprocessingNames } from './preprocessing.ts';
import type { PreprocessingName } from './preprocessing.ts';

/** Three pictures of one row of two pixels; the third is not trained on. */
const dataset = imageDataset({
  images: Uint8Array.of(10, 20, 30, 60, 255, 255),
  labels: [0, 1, 0],
  imageShape: [1, 2, 1],
});
const indices = Uint32Array.of(0, 1);

function prepared(name: PreprocessingName): number[] {
  const source = createBatchSource({ dataset, shuffle: false, ...preprocessing(name, dataset, indices) });
  return [...source.batch({ epoch: 0, index: 0, batchSize: 3, seed: 0 }).images];
}

const expectClose = (values: number[], expected: number[]): void => {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i] ?? NaN, 4);
};

describe('preprocessing', () => {
  it('subtracts the mean of the channel and divides by its standard deviation', () => {
    // 10, 20, 30, 60: mean 30, variance (400 + 100 + 0 + 900) / 4 = 350.
    const std = Math.sqrt(350);
    expectClose(
      prepared('channels'),
      [-20, -10, 0, 30, 225, 225].map((value) => value / std),
    );
  });

  it('subtracts the mean image and keeps the scale', () => {
    // The mean of the first pixels is 20, of the second ones 40.
    expectClose(prepared('mean-image'), [-10, -20, 10, 20, 235, 215]);
  });

  it('divides by 255 or 256', () => {
    expectClose(
      prepared('unit'),
      [10, 20, 30, 60, 255, 255].map((value) => value / 255),
    );
    expectClose(
      prepared('lenet'),
      [10, 20, 30, 60, 255, 255].map((value) => value / 256),
    );
  });

  it('works for three channels, and where a channel is the same everywhere', () => {
    const images = Uint8Array.from({ length: 2 * 4 * 3 }, (_, i) => (i % 3 === 1 ? 100 : 10 * i));
    const colours = imageDataset({ images, labels: [0, 1], imageShape: [2, 2, 3] });
    for (const name of preprocessingNames) {
      const source = createBatchSource({ dataset: colours, ...preprocessing(name, colours) });
      const values = source.batch({ epoch: 0, index: 0, batchSize: 2, seed: 0 }).images;
      expect(values.every(Number.isFinite)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(2);
    }
    expect(preprocessing('channels', colours).std[1]).toBe(1);
  });

  it('allows mirrored pictures to test on', () => {
    const source = createBatchSource({
      dataset,
      shuffle: false,
      augmentation: { mirror: true },
      ...preprocessing('unit', dataset),
    });
    const seen = new Set(
      Array.from({ length: 20 }, (_, epoch) =>
        [...source.batch({ epoch, index: 0, batchSize: 1, seed: 0 }).images]
          .map((value) => Math.round(value * 255))
          .join(),
      ),
    );
    expect(seen).toEqual(new Set(['10,20', '20,10']));
  });

  it('refuses another name', () => {
    expect(() => preprocessing('zca' as 'unit', dataset)).toThrow(
      new RangeError('preprocessing must be one of channels, mean-image, unit, lenet; got "zca"'),
    );
  });
});
