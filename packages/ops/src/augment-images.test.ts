import { augmentationDraws, createBatchSource, type ImageDataset } from '@superconvergence/cifar';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { augmentImages } from './index.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';

/** Neither square nor with three channels only, so that no axis can be taken for another. */
const IMAGE_SHAPES = [
  [8, 6, 3],
  [5, 7, 2],
] as const;

const AUGMENTATIONS = [
  {},
  { mirror: true },
  { padCrop: 3 },
  { cutout: 4 },
  { padCrop: 2, mirror: true, cutout: 3 },
] as const;

onEveryBackend(() => {
  describe('augmentImages', () => {
    test('hand-computed table', () => {
      tf.tidy(() => {
        // One image of 2 × 3 pixels:  0  51 102
        //                           153 204 255
        const images = tf.tensor4d([0, 51, 102, 153, 204, 255], [1, 2, 3, 1], 'int32');
        const draws = {
          indices: tf.tensor1d([0, 0, 0], 'int32'),
          shifts: tf.tensor2d(int32(0, 0, 1, -1, -1, 1), [3, 2], 'int32'),
          mirrors: tf.tensor1d([1, 0, 1], 'int32'),
        };
        const plain = augmentImages(images, draws, { padding: 1 });
        expect(plain.shape).toEqual([3, 2, 3, 1]);
        const mirrored = [0.4, 0.2, 0, 1, 0.8, 0.6];
        // One row down and one column to the left: the window's first column and last row are outside.
        const shifted = [0, 0.6, 0.8, 0, 0, 0];
        // One row up and one to the right, then mirrored.
        const both = [0, 0, 0, 0, 0.4, 0.2];
        expectClose(plain, [...mirrored, ...shifted, ...both], 1e-6);

        const options = { padding: 1, mean: [0.2], standardDeviation: [0.5] };
        const standardised = [...mirrored, ...shifted, ...both].map((value) => (value - 0.2) / 0.5);
        expectClose(augmentImages(images, draws, options), standardised, 1e-6);

        // Squares of 2 × 2 pixels: the first hangs over the upper left corner, the last over the lower right one.
        const cutouts = tf.tensor2d(int32(-1, -1, 0, 1, 1, 2), [3, 2], 'int32');
        const cut = augmentImages(images, { ...draws, cutouts }, { ...options, cutout: 2 });
        for (const place of [0, 7, 8, 10, 11, 17]) standardised[place] = 0;
        expectClose(cut, standardised, 1e-6);
      });
    });

    describe.each(IMAGE_SHAPES)('images of %d × %d × %d: the batches of cifar', (...imageShape) => {
      test.each(AUGMENTATIONS)('with mean and deviation, %j', (augmentation) => {
        const [mean, std] = [
          [0.4, 0.5, 0.6],
          [0.2, 0.25, 0.3],
        ].map((all) => all.slice(0, imageShape[2]));
        expectSameAsHost({ imageShape, augmentation, mean, std });
      });

      test.each(AUGMENTATIONS)('with a mean image, %j', (augmentation) => {
        const size = imageShape[0] * imageShape[1] * imageShape[2];
        const meanImage = Float32Array.from({ length: size }, (_, i) => 0.5 + 0.3 * Math.sin(i));
        expectSameAsHost({ imageShape, augmentation, meanImage });
      });

      test('as they are', () => {
        expectSameAsHost({ imageShape, augmentation: {} });
      });
    });

    test('can be traced', () => {
      expectTraceable(() => {
        const pairs = tf.zeros<tf.Rank.R2>([2, 2], 'int32');
        const mirrors = tf.tensor1d([0, 1], 'int32');
        const draws = { indices: mirrors, shifts: pairs, mirrors, cutouts: pairs };
        return augmentImages(tf.zeros([2, 4, 4, 3], 'int32'), draws, { padding: 1, cutout: 2 });
      });
    });

    test('wrong arguments are named', () => {
      tf.tidy(() => {
        const images = tf.zeros<tf.Rank.R4>([2, 4, 4, 3], 'int32');
        const indices = tf.tensor1d([0, 1], 'int32');
        const run = (draws: object, options?: object) => () =>
          augmentImages(images, { indices, ...draws }, options);
        expect(() => augmentImages(tf.zeros([2, 4, 4, 3]), { indices })).toThrow(
          new TypeError('images must be int32, but is float32'),
        );
        expect(run({ shifts: tf.zeros([3, 2], 'int32') })).toThrow(
          new RangeError('shifts must have shape [2, 2], but has [3, 2]'),
        );
        expect(run({ mirrors: tf.zeros([2]) })).toThrow('mirrors must be int32, but is float32');
        expect(run({}, { padding: 1 })).toThrow('shifts must be given with padding');
        expect(run({}, { cutout: 1 })).toThrow('cutouts must be given with cutout');
        expect(run({}, { padding: -1 })).toThrow('padding must be an integer, at least 0, but is -1');
        expect(run({}, { mean: [1] })).toThrow('mean must hold 3 finite numbers, but is [1]');
        expect(run({}, { standardDeviation: [1, 0, 1] })).toThrow('standardDeviation must be greater than 0');
        expect(run({}, { meanImage: tf.zeros([4, 3, 3]) })).toThrow(
          'meanImage must have the shape of an image, [4, 4, 3], but has [4, 3, 3]',
        );
        expect(run({}, { mean: [0, 0, 0], meanImage: tf.zeros([4, 4, 3]) })).toThrow(
          'give either mean or meanImage, not both',
        );
      });
    });
  });
});

/** Draws a batch in an epoch for each of some examples, on the host and from tensors. */
function expectSameAsHost(options: {
  imageShape: readonly [number, number, number];
  augmentation: { mirror?: boolean; padCrop?: number; cutout?: number };
  mean?: number[];
  std?: number[];
  meanImage?: Float32Array;
}): void {
  const { imageShape, augmentation, mean, std, meanImage } = options;
  const dataset = formulaDataset(40, imageShape);
  const [epoch, seed] = [3, 5];
  const host = createBatchSource({ dataset, augmentation, mean, std, meanImage });
  const { images, indices } = host.batch({ epoch, index: 0, batchSize: 32, seed });
  const draws = augmentationDraws({ indices, epoch, seed, augmentation, imageShape });
  tf.tidy(() => {
    const n = indices.length;
    const ours = augmentImages(
      tf.tensor4d(Int32Array.from(dataset.images), [dataset.numExamples, ...imageShape], 'int32'),
      {
        indices: tf.tensor1d(Int32Array.from(indices), 'int32'),
        shifts: tf.tensor2d(draws.shifts, [n, 2], 'int32'),
        mirrors: tf.tensor1d(draws.mirrors, 'int32'),
        cutouts: tf.tensor2d(draws.cutouts, [n, 2], 'int32'),
      },
      {
        padding: augmentation.padCrop,
        cutout: augmentation.cutout,
        mean,
        standardDeviation: std,
        meanImage: meanImage && tf.tensor3d(meanImage, [...imageShape]),
      },
    );
    expect(ours.shape).toEqual([n, ...imageShape]);
    expectClose(ours, Array.from(images), 1e-6);
  });
}

function formulaDataset(numExamples: number, imageShape: readonly [number, number, number]): ImageDataset {
  const size = numExamples * imageShape[0] * imageShape[1] * imageShape[2];
  return {
    images: Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24),
    labels: new Uint8Array(numExamples),
    numExamples,
    imageShape,
    numClasses: 10,
    classNames: [],
    name: 'generated',
  };
}

function int32(...values: number[]): Int32Array {
  return Int32Array.from(values);
}
