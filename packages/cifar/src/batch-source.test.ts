import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentationDraws } from './augmentation.ts';
import type { Augmentation } from './augmentation.ts';
import { createBatchSource } from './batch-source.ts';
import type { BatchSourceOptions } from './batch-source.ts';
import { epochOrder } from './epoch-order.ts';
import { meanImage } from './statistics.ts';
import { makeDataset } from './testing/cifar10.ts';

const dataset = makeDataset(53);
const mean = [0.49, 0.48, 0.45];
const std = [0.25, 0.24, 0.26];

/** One picture, pixel by pixel, straight from the documentation. */
function slowPicture(
  options: BatchSourceOptions,
  request: { epoch: number; seed: number; example: number },
): number[] {
  const { dataset: from, augmentation = {}, meanImage: centre, mean: means, std: stds } = options;
  const [height, width, channels] = from.imageShape;
  const draws = augmentationDraws({
    ...request,
    indices: Uint32Array.of(request.example),
    augmentation,
    imageShape: from.imageShape,
  });
  const [rows = 0, columns = 0] = draws.shifts;
  const [top = 0, left = 0] = draws.cutouts;
  const side = augmentation.cutout ?? 0;
  const result: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sourceY = y + rows;
      const sourceX = (draws.mirrors[0] === 1 ? width - 1 - x : x) + columns;
      const isInside = sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width;
      const isCut = y >= top && y < top + side && x >= left && x < left + side;
      for (let c = 0; c < channels; c++) {
        const place = (sourceY * width + sourceX) * channels + c;
        const byte = isInside ? (from.images[request.example * height * width * channels + place] ?? NaN) : 0;
        const subtracted = centre ? (isInside ? (centre[place] ?? NaN) : 0) : (means?.[c] ?? 0);
        result.push(isCut ? 0 : (byte / 255 - subtracted) / (stds?.[c] ?? 1));
      }
    }
  }
  return result;
}

describe('createBatchSource', () => {
  const augmentations: Augmentation[] = [
    {},
    { padCrop: 4 },
    { mirror: true },
    { mirror: 'alternating' },
    { cutout: 8 },
    { cutout: 5, padCrop: 31, mirror: true },
    { padCrop: 4, mirror: 'alternating', cutout: 12 },
  ];
  const standardisations = {
    none: {},
    channels: { mean, std },
    pixels: { meanImage: meanImage(dataset), std },
  };

  for (const augmentation of augmentations) {
    it.each(Object.entries(standardisations))(
      `equals the slow way with ${JSON.stringify(augmentation)}, %s`,
      (_, how) => {
        const options = { dataset, augmentation, ...how };
        const { images, indices } = createBatchSource(options).batch({
          epoch: 3,
          index: 0,
          batchSize: 53,
          seed: 7,
        });
        const expected = [...indices].flatMap((example) =>
          slowPicture(options, { epoch: 3, seed: 7, example }),
        );
        expect(images).toHaveLength(expected.length);
        const worst = images.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))),
          0,
        );
        expect(worst).toBeLessThan(1e-6);
      },
    );
  }

  it('works for other shapes', () => {
    const grey = makeDataset(9, [28, 20, 1]);
    const options = { dataset: grey, mean: [0.1], std: [0.3], augmentation: { padCrop: 2, mirror: true } };
    const { images, indices } = createBatchSource(options).batch({
      epoch: 1,
      index: 0,
      batchSize: 9,
      seed: 1,
    });
    const expected = [...indices].flatMap((example) => slowPicture(options, { epoch: 1, seed: 1, example }));
    expect(images).toEqual(Float32Array.from(expected));
  });

  it('visits every example once an epoch, each time in another order', () => {
    const source = createBatchSource({ dataset });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 1_000 }),
        fc.nat(),
        (batchSize, epoch, seed) => {
          const batches = Array.from({ length: Math.ceil(53 / batchSize) }, (_, index) =>
            source.batch({ epoch, index, batchSize, seed }),
          );
          const visited = batches.flatMap(({ indices }) => [...indices]);
          expect(Uint32Array.from(visited)).toEqual(epochOrder({ numExamples: 53, epoch, seed }));
          expect([...visited].sort((a, b) => a - b)).toEqual(Array.from({ length: 53 }, (_, i) => i));
          expect(visited).not.toEqual([...epochOrder({ numExamples: 53, epoch: epoch + 1, seed })]);
          expect(batches.at(-1)?.indices).toHaveLength(53 % batchSize || Math.min(batchSize, 53));
        },
      ),
    );
  });

  it('gives the same batch in any order of asking, from any source made alike', () => {
    const make = () =>
      createBatchSource({ dataset, mean, std, augmentation: { padCrop: 4, mirror: true, cutout: 8 } });
    const requests = [0, 1, 2, 3].flatMap((epoch) =>
      [0, 1, 2].map((index) => ({ epoch, index, batchSize: 20, seed: 11 })),
    );
    const forwards = make();
    const inOrder = requests.map((request) => forwards.batch(request));
    const backwards = make();
    for (const [i, request] of [...requests.entries()].reverse()) {
      expect(backwards.batch(request)).toEqual(inOrder[i]);
      expect(make().batch(request)).toEqual(inOrder[i]);
    }
  });

  it('keeps indices, labels and order of a subset', () => {
    const indices = Uint32Array.of(50, 3, 17, 4, 9);
    const source = createBatchSource({ dataset, indices, shuffle: false });
    expect(source).toMatchObject({ numExamples: 5, imageShape: [32, 32, 3], numClasses: 10 });
    const batch = source.batch({ epoch: 6, index: 1, batchSize: 2, seed: 0 });
    expect(batch.indices).toEqual(Uint32Array.of(17, 4));
    expect(batch.labels).toEqual(Int32Array.of(7, 4));
    expect(batch.images).toHaveLength(2 * 3072);
    expect(source.batch({ epoch: 0, index: 2, batchSize: 2, seed: 0 }).indices).toEqual(Uint32Array.of(9));
    const shuffled = createBatchSource({ dataset, indices }).batch({
      epoch: 0,
      index: 0,
      batchSize: 5,
      seed: 0,
    });
    expect([...shuffled.indices].sort((a, b) => a - b)).toEqual([3, 4, 9, 17, 50]);
  });

  it('keeps to the batches of earlier versions', () => {
    const source = createBatchSource({ dataset, mean, std, augmentation: { padCrop: 4, mirror: true } });
    const { images, indices } = source.batch({ epoch: 2, index: 1, batchSize: 6, seed: 2 ** 40 + 3 });
    const sha256 = createHash('sha256').update(new Uint8Array(images.buffer)).digest('hex');
    expect({ indices: [...indices], sha256 }).toMatchInlineSnapshot(`
      {
        "indices": [
          4,
          7,
          42,
          20,
          47,
          27,
        ],
        "sha256": "fb283cf1276c1b30de4e9c9ea58caa0b1de810bb677bc03c9c3ae65947be7bac",
      }
    `);
  });

  it.each([
    [{ index: 3 }, 'index must be an integer from 0 to 2 (53 examples, batches of 20); got 3'],
    [{ index: -1 }, 'index must be an integer from 0 to 2 (53 examples, batches of 20); got -1'],
    [{ batchSize: 0 }, 'batchSize must be an integer, at least 1; got 0'],
    [{ epoch: 0.5 }, 'epoch must be an integer from 0 to 2^32 - 1; got 0.5'],
    [{ seed: NaN }, 'seed must be an integer from 0 to 2^53 - 1; got NaN'],
  ])('refuses the request %o', (wrong, message) => {
    const request = { epoch: 0, index: 0, batchSize: 20, seed: 0, ...wrong };
    expect(() => createBatchSource({ dataset }).batch(request)).toThrow(new RangeError(message));
  });

  it.each([
    [{ mean: [1, 2] }, 'mean must hold 3 finite numbers, one a channel; got [1, 2]'],
    [{ std: [1, 0, 1] }, 'std must be above 0 in every channel; got [1, 0, 1]'],
    [{ std: [1, NaN, 1] }, 'std must hold 3 finite numbers, one a channel; got [1, NaN, 1]'],
    [{ meanImage: new Float32Array(3) }, 'meanImage must hold 3072 numbers, one a pixel and channel; got 3'],
    [{ indices: Uint32Array.of(53) }, 'indices must be below the number of examples, 53; got 53'],
    [{ indices: new Uint32Array(0) }, 'indices must hold at least one example; it is empty'],
    [{ augmentation: { padCrop: 1.5 } }, 'augmentation.padCrop must be an integer from 0 to 31; got 1.5'],
  ])('refuses the option %o', (wrong, message) => {
    expect(() => createBatchSource({ dataset, ...wrong })).toThrow(new RangeError(message));
  });

  it('refuses two means', () => {
    expect(() => createBatchSource({ dataset, mean, meanImage: meanImage(dataset) })).toThrow(TypeError);
  });
});
