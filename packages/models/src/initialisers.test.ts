import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  dirac,
  glorot,
  initialiseWeights,
  msra,
  normal,
  orthogonal,
  scaled,
  torchDefault,
  uniform,
  xavier,
} from './index.ts';
import { randomGenerator } from './random-generator.ts';

const KERNEL = [3, 3, 32, 64] as const;

describe('spread of the draws', () => {
  // Fan-in 3·3·32 = 288, fan-out 3·3·64 = 576; a uniform distribution in ±a has the deviation a/√3.
  test.each([
    ['normal(0.01)', normal(0.01), 0.01, Infinity],
    ['uniform(0.3)', uniform(0.3), 0.3 / Math.sqrt(3), 0.3],
    ['msra', msra(), Math.sqrt(2 / 288), Infinity],
    ['msra, fan-out', msra({ fan: 'out' }), Math.sqrt(2 / 576), Infinity],
    ['xavier', xavier(), Math.sqrt(1 / 288), Math.sqrt(3 / 288)],
    ['glorot', glorot(), Math.sqrt(2 / (288 + 576)), Math.sqrt(6 / (288 + 576))],
    ['torchDefault', torchDefault(), Math.sqrt(1 / 288 / 3), Math.sqrt(1 / 288)],
    ['Fixup', scaled(msra({ fan: 'out' }), 6 ** -0.5), Math.sqrt(2 / 576 / 6), Infinity],
  ] as const)('%s', (_name, initialiser, deviation, limit) => {
    const values = initialiser(KERNEL, randomGenerator(7, 'kernel'));
    const size = 3 * 3 * 32 * 64;
    expect(values).toHaveLength(size);
    const mean = values.reduce((sum, value) => sum + value, 0) / size;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(size));
    expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * size));
    expect(values.every((value) => Math.abs(value) <= Math.fround(limit))).toBe(true);
  });

  test('of a dense layer the fans are inputs and outputs', () => {
    const spread = (values: Float32Array): number => Math.hypot(...values) / Math.sqrt(values.length);
    const random = randomGenerator(1, 'dense');
    expect(spread(msra()([400, 100], random))).toBeCloseTo(Math.sqrt(2 / 400), 3);
    expect(spread(msra({ fan: 'out' })([400, 100], random))).toBeCloseTo(Math.sqrt(2 / 100), 2);
  });
});

test('dirac is the identity as a convolution, as far as there are channels', () => {
  tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>([1, 4, 4, 2], 0, 1, 'float32', 1);
    const convolve = (kernelSize: number, outputs: number): tf.Tensor => {
      const shape: [number, number, number, number] = [kernelSize, kernelSize, 2, outputs];
      return tf.conv2d(x, tf.tensor4d(dirac()(shape, randomGenerator(0, '')), shape), 1, 'same');
    };
    expect(convolve(3, 2).dataSync()).toEqual(x.dataSync());
    expect(convolve(1, 1).dataSync()).toEqual(x.slice([0, 0, 0, 0], [1, 4, 4, 1]).dataSync());
    const [first, rest] = convolve(5, 3).split([2, 1], 3) as [tf.Tensor, tf.Tensor];
    expect(first.dataSync()).toEqual(x.dataSync());
    expect(rest.abs().max().dataSync()[0]).toBe(0);
  });
});

test.each([
  { shape: [3, 3, 8, 16], columns: true },
  { shape: [1, 1, 4, 16], columns: false },
  { shape: [40, 10], columns: true },
])('orthogonal of $shape', ({ shape, columns }) => {
  const gain = Math.SQRT2;
  const values = orthogonal(gain)(shape, randomGenerator(3, 'kernel'));
  tf.tidy(() => {
    const matrix = tf.tensor(values, [values.length / (shape.at(-1) ?? 1), shape.at(-1) ?? 1]);
    const products = tf.matMul(matrix, matrix, columns, !columns);
    const expected = tf.eye(products.shape[0]).mul(gain ** 2);
    expect(products.sub(expected).abs().max().dataSync()[0]).toBeLessThan(1e-6);
  });
});

test("a model of one's own is initialised by name, from a seed", () => {
  const build = (seed: number): number[][] => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 3, name: 'a', kernelInitializer: 'zeros' }),
        tf.layers.dense({ units: 3, name: 'b', kernelInitializer: 'zeros' }),
      ],
    });
    initialiseWeights(model, (name) => (name.endsWith('/kernel') ? xavier() : undefined), seed);
    const values = model.weights.map((weight) => [...weight.read().dataSync()]);
    model.dispose();
    return values;
  };
  const [first, second] = [build(1), build(2)];
  expect(build(1)).toEqual(first);
  expect(second).not.toEqual(first);
  // Kernels that are not of equal values, biases that were left at 0.
  expect(new Set(first[0]).size).toBe(12);
  expect(first[1]).toEqual([0, 0, 0]);
});

test('wrong arguments', () => {
  expect(() => normal(0)).toThrow('standardDeviation must be a number greater than 0, but is 0');
  expect(() => uniform(-1)).toThrow('limit must be a number greater than 0, but is -1');
  expect(() => scaled(xavier(), NaN)).toThrow('factor must be a number greater than 0, but is NaN');
  expect(() => orthogonal(0)).toThrow(RangeError);
  expect(() => dirac()([2, 2, 3, 3], randomGenerator(0, ''))).toThrow(
    'dirac needs a kernel of odd size, [height, width, inputs, outputs], but has [2, 2, 3, 3]',
  );
  expect(() => dirac()([3, 3], randomGenerator(0, ''))).toThrow(RangeError);
});
