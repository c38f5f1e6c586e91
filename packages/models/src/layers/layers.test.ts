import * as tf from '@tensorflow/tfjs';
import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { BatchNormalization, BatchStatisticsNormalization } from './batch-normalization.ts';
import { Dropout } from './dropout.ts';
import { GroupedConvolution2D } from './grouped-convolution.ts';
import { msra } from '../initialisers.ts';
import { LocalResponseNormalization } from './local-response-normalization.ts';
import { networkBuilder, type NetworkBuilder } from '../families/network-builder.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('GroupedConvolution2D', () => {
  test('is a convolution for each group', () => {
    const layer = new GroupedConvolution2D({ name: 'grouped', filters: 6, kernelSize: 3, groups: 2 });
    tf.tidy(() => {
      const x = wave([2, 5, 5, 4]);
      layer.apply(x);
      const kernel = wave([3, 3, 2, 6]) as tf.Tensor4D;
      const bias = wave([6]);
      layer.setWeights([kernel, bias]);
      const parts = x.split<tf.Tensor4D>(2, 3);
      const kernels = kernel.split<tf.Tensor4D>(2, 3);
      const groups = parts.map((part, i) => tf.conv2d(part, kernels[i] as tf.Tensor4D, 1, 'same'));
      expectClose(layer.apply(x) as tf.Tensor, tf.concat(groups, 3).add(bias));
    });
    layer.dispose();
  });

  test('groups must divide channels and filters', () => {
    const layer = new GroupedConvolution2D({ name: 'grouped', filters: 6, kernelSize: 3, groups: 4 });
    expect(() => layer.apply(tf.input({ shape: [4, 4, 4] }))).toThrow(
      'groups must divide the 4 channels and the 6 filters of grouped, but is 4',
    );
  });
});

describe('LocalResponseNormalization', () => {
  test("divides by the window's mean square, zeros beyond the border counted", () => {
    const layer = new LocalResponseNormalization({ name: 'norm', size: 3, alpha: 0.9, beta: 0.75 });
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      // Every window of a 2×2 image sees all four pixels: (1 + 4 + 9 + 16)/9; 1 + 0.9·30/9 = 4.
      expectClose(layer.apply(x) as tf.Tensor, x.mul(4 ** -0.75));
      // In a row of three, the end sees two: 1 + 0.9·(1 + 4)/9 = 1.5, the middle 1 + 0.9·14/9 = 2.4, 1 + 0.9·13/9 = 2.3.
      const row = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]);
      const expected = row.mul(tf.tensor4d([1.5 ** -0.75, 2.4 ** -0.75, 2.3 ** -0.75], [1, 1, 3, 1]));
      expectClose(layer.apply(row) as tf.Tensor, expected);
    });
  });

  test('leaves other channels alone', () => {
    const layer = new LocalResponseNormalization({ name: 'norm', size: 3, alpha: 1, beta: 0.5 });
    tf.tidy(() => {
      const [a, b] = [wave([1, 4, 4, 1]), wave([1, 4, 4, 1]).add(3)];
      const both = layer.apply(tf.concat([a, b], 3)) as tf.Tensor;
      expectClose(both, tf.concat([layer.apply(a) as tf.Tensor, layer.apply(b) as tf.Tensor], 3));
    });
    expect(() => new LocalResponseNormalization({ name: 'norm', size: 2, alpha: 1, beta: 1 })).toThrow(
      'size must be an odd integer, at least 1, but is 2',
    );
  });
});

describe('Dropout', () => {
  const seed = (...numbers: [number, number]): tf.Tensor1D => tf.tensor1d(numbers, 'int32');
  const apply = (layer: Dropout, kwargs: object): number[] =>
    tf.tidy(() => [...(layer.apply(tf.ones([4, 50]), kwargs) as tf.Tensor).dataSync()]);

  test('its mask is decided by the seed and its name', () => {
    const [a, b] = [new Dropout({ name: 'a', rate: 0.2 }), new Dropout({ name: 'b', rate: 0.2 })];
    tf.tidy(() => {
      const first = apply(a, { training: true, dropoutSeed: seed(1, 2) });
      expect(new Set(first)).toEqual(new Set([0, 1.25]));
      expect(apply(a, { training: true, dropoutSeed: seed(1, 2) })).toEqual(first);
      expect(apply(a, { training: true, dropoutSeed: seed(1, 3) })).not.toEqual(first);
      expect(apply(a, { training: true, dropoutSeed: seed(2, 2) })).not.toEqual(first);
      expect(apply(b, { training: true, dropoutSeed: seed(1, 2) })).not.toEqual(first);
    });
  });

  test('inference keeps everything; without a seed JavaScript draws', () => {
    const layer = new Dropout({ name: 'a', rate: 0.5 });
    expect(apply(layer, { training: false })).toEqual(Array.from({ length: 200 }, () => 1));
    expect(new Set(apply(layer, { training: true }))).toEqual(new Set([0, 2]));
    expect(() => new Dropout({ name: 'a', rate: 1 })).toThrow('rate must be in [0, 1), but is 1');
  });
});

describe('batch normalisation', () => {
  const options = { name: 'norm', momentum: 0.9, epsilon: 1e-5 };

  test('without scale and shift it has moving statistics alone', () => {
    const layer = new BatchNormalization({ ...options, scale: false, center: false });
    tf.tidy(() => {
      const x = wave([4, 3, 3, 2]);
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      expect(layer.weights.map(({ originalName }) => originalName)).toEqual([
        'norm/moving_mean',
        'norm/moving_variance',
      ]);
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      expectClose(y, x.sub(mean).div(variance.add(1e-5).sqrt()));
      expectClose(layer.getWeights()[0] as tf.Tensor, mean.mul(0.1));
    });
    layer.dispose();
  });

  test('with batch statistics inference normalises its own batch and moves nothing', () => {
    const layer = new BatchStatisticsNormalization(options);
    tf.tidy(() => {
      const x = wave([4, 3, 3, 2]);
      layer.apply(x.add(5), { training: true });
      const moved = layer.getWeights().map((weight) => [...weight.dataSync()]);
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      expectClose(layer.apply(x) as tf.Tensor, x.sub(mean).div(variance.add(1e-5).sqrt()));
      expect(layer.getWeights().map((weight) => [...weight.dataSync()])).toEqual(moved);
    });
    layer.dispose();
  });
});

describe('pools and shortcuts of the builder', () => {
  test.each([
    { size: 3, strides: 2, sides: [4, 5, 8, 9, 32] },
    { size: 2, strides: 2, sides: [2, 3, 4, 7, 8] },
  ])("Caffe's $size×$size pools with stride $strides", ({ size, strides, sides }) => {
    for (const side of sides) {
      for (const kind of ['max', 'average'] as const) {
        const run = layerOf([side, side, 1], (builder) =>
          builder.caffePool(builder.input, 'pool', { kind, size, strides }),
        );
        tf.tidy(() => {
          const x = wave([1, side, side, 1]);
          expectClose(run(x), poolByHand(x, kind, size, strides));
        });
      }
    }
  });

  test('a pool that Caffe would place otherwise is refused', () => {
    for (const shape of [
      [8, 9, 1],
      [1, 1, 1],
    ] as const) {
      expect(() =>
        layerOf(shape, (builder) =>
          builder.caffePool(builder.input, 'pool', { kind: 'max', size: 3, strides: 2 }),
        ),
      ).toThrow(
        `pool can't pool ${shape[0]}×${shape[1]} pixels by windows of 3×3 with stride 2 as Caffe does`,
      );
    }
  });

  test('every second pixel, with zeros on both sides of the channels', () => {
    const run = layerOf([4, 6, 2], (builder) =>
      builder.zeroChannels(builder.subsample(builder.input, 'subsample'), 'zeros', { before: 1, after: 3 }),
    );
    tf.tidy(() => {
      const x = wave([1, 4, 6, 2]);
      const y = run(x);
      expect(y.shape).toEqual([1, 2, 3, 6]);
      const [before, middle, after] = y.split([1, 2, 3], 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
      expect(middle.dataSync()).toEqual(
        tf.stridedSlice(x, [0, 0, 0, 0], [1, 4, 6, 2], [1, 2, 2, 1]).dataSync(),
      );
      expect(before.abs().max().dataSync()[0]).toBe(0);
      expect(after.abs().max().dataSync()[0]).toBe(0);
    });
  });
});

/** A model that is one layer, or a few without weights. */
function layerOf(
  inputShape: readonly [number, number, number],
  build: (builder: NetworkBuilder) => tf.SymbolicTensor,
): (x: tf.Tensor) => tf.Tensor {
  const settings = { classes: 1, inputShape, batchNormMomentum: 0.9, batchNormGroups: 1, dropout: 0 };
  const builder = networkBuilder(settings, { convolution: msra(), dense: null });
  const model = tf.model({ inputs: builder.input, outputs: build(builder) });
  return (x) => model.predict(x) as tf.Tensor;
}

/** Windows start at the first pixel, the last may hang over the edge, and only pixels that are there count. */
function poolByHand(x: tf.Tensor, kind: 'max' | 'average', size: number, strides: number): tf.Tensor {
  const [image = []] = (x as tf.Tensor4D).arraySync();
  const side = image.length;
  const numWindows = Math.ceil((side - size) / strides) + 1;
  const windows = Array.from({ length: numWindows ** 2 }, (_, i) => {
    const [top, left] = [Math.floor(i / numWindows) * strides, (i % numWindows) * strides];
    const values = image
      .slice(top, top + size)
      .flatMap((row) => row.slice(left, left + size).map(([value = NaN]) => value));
    return kind === 'max' ? Math.max(...values) : values.reduce((sum, value) => sum + value) / values.length;
  });
  return tf.tensor(windows, [1, numWindows, numWindows, 1]);
}

/** A tensor of that shape without any repetition. */
function wave(shape: number[]): tf.Tensor {
  return tf.tidy(() => tf.range(0, tf.util.sizeFromShape(shape)).mul(0.7).add(0.3).sin().reshape(shape));
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.sub(expected).abs().max().dataSync()[0]).toBeLessThan(1e-5);
}
