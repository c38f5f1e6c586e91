import { describe, expect, it } from 'vitest';
import { createBatchSource } from './batch-source.ts';
import { imageDataset } from './image-dataset.ts';
import type { ImageDatasetOptions } from './image-dataset.ts';

const images = Uint8Array.from({ length: 3 * 4 }, (_, i) => i);
const right: ImageDatasetOptions = { images, labels: [0, 2, 1], imageShape: [2, 2, 1] };

describe('imageDataset', () => {
  it('takes arrays as they are and names the classes', () => {
    const dataset = imageDataset(right);
    expect(dataset).toEqual({
      name: 'images',
      images,
      labels: Uint8Array.of(0, 2, 1),
      numExamples: 3,
      imageShape: [2, 2, 1],
      numClasses: 3,
      classNames: ['0', '1', '2'],
    });
    expect(dataset.images).toBe(images);
    expect(imageDataset({ ...right, classNames: ['a', 'b', 'c', 'd'], name: 'mine' })).toMatchObject({
      name: 'mine',
      numClasses: 4,
    });
  });

  it('takes the clamped bytes of a canvas without copying', () => {
    const clamped = Uint8ClampedArray.from(images);
    const dataset = imageDataset({ ...right, images: clamped });
    expect(dataset.images).toEqual(images);
    expect(dataset.images.buffer).toBe(clamped.buffer);
  });

  it('holds more than 256 classes, up to the batches', () => {
    const labels = Array.from({ length: 1_000 }, (_, i) => i);
    const dataset = imageDataset({ images: new Uint8Array(1_000), labels, imageShape: [1, 1, 1] });
    expect(dataset.labels).toEqual(Uint16Array.from(labels));
    const source = createBatchSource({ dataset, shuffle: false });
    expect(source.numClasses).toBe(1_000);
    expect([...source.batch({ epoch: 0, index: 9, batchSize: 100, seed: 0 }).labels.subarray(98)]).toEqual([
      998, 999,
    ]);
  });

  it.each<[string, Partial<ImageDatasetOptions>, string]>([
    ['labels', { labels: [0, 1] }, 'images must hold 2 pictures of 2 × 2 × 1, 8 values; got 12'],
    ['labels', { labels: [] }, 'labels must hold at least one label; it is empty'],
    ['labels', { labels: [0, 1.5, 1] }, 'labels must be integers from 0 to 65535; got 1.5 for example 1'],
    ['labels', { labels: [0, -1, 1] }, 'labels must be integers from 0 to 65535; got -1 for example 1'],
    ['classNames', { classNames: ['a', 'b'] }, 'labels must be integers from 0 to 1; got 2 for example 1'],
    ['classNames', { classNames: [] }, 'classNames must hold 1 to 65536 names; got 0'],
    [
      'imageShape',
      { imageShape: [2, 2] as unknown as [2, 2, 1] },
      'imageShape must be height, width and channels, each an integer of at least 1; got [2, 2]',
    ],
  ])('refuses wrong %s: %o', (_, wrong, message) => {
    expect(() => imageDataset({ ...right, ...wrong })).toThrow(new RangeError(message));
  });

  it('refuses pictures that are not bytes', () => {
    const floats = new Float32Array(12) as unknown as Uint8Array;
    expect(() => imageDataset({ ...right, images: floats })).toThrow(TypeError);
  });
});
