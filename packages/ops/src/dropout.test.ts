import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { dropout } from './index.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';

onEveryBackend(() => {
  describe('dropout', () => {
    test.each([0.1, 0.5, 0.9])('rate %d: zeros as often, the rest scaled', (rate) => {
      const size = 40_000;
      const values = masked([200, 200], rate, [1, 2]);
      const zeros = values.filter((value) => value === 0).length;
      // Five standard deviations of a binomial distribution.
      expect(Math.abs(zeros - size * rate)).toBeLessThan(5 * Math.sqrt(size * rate * (1 - rate)));
      for (const value of new Set(values)) {
        if (value !== 0) expect(value).toBeCloseTo(1 / (1 - rate), 5);
      }
    });

    test('the same seed and shape, the same mask; any other seed, another', () => {
      const first = masked([30, 30], 0.5, [1, 2]);
      expect(masked([30, 30], 0.5, [1, 2])).toEqual(first);
      const most = 2 ** 31 - 1;
      for (const seed of [
        [2, 1],
        [1, 3],
        [-1, 2],
        [most, 2],
        [1, -most - 1],
      ]) {
        const other = masked([30, 30], 0.5, seed);
        const equal = other.filter((value, index) => value === first[index]).length;
        // Independent masks agree in half of the places: 450 ± 5 · 15.
        expect(Math.abs(equal - 450), `seed ${seed.join(', ')}`).toBeLessThan(75);
      }
    });

    test('rows, columns and neighbours are independent of each other', () => {
      const n = 128;
      const signs = masked([n, n], 0.5, [7, 8]).map((value) => value - 1);
      const at = (row: number, column: number): number => signs[row * n + column] ?? NaN;
      for (const [rowStep, columnStep] of [
        [0, 1],
        [1, 0],
        [1, 1],
        [64, 0],
        [0, 64],
      ] as const) {
        let sum = 0;
        let count = 0;
        for (let row = 0; row + rowStep < n; row++) {
          for (let column = 0; column + columnStep < n; column++) {
            sum += at(row, column) * at(row + rowStep, column + columnStep);
            count += 1;
          }
        }
        expect(Math.abs(sum), `steps ${rowStep}, ${columnStep}`).toBeLessThan(5 * Math.sqrt(count));
      }
    });

    test('the gradient has the mask of the values', () => {
      tf.tidy(() => {
        const seed = tf.tensor1d([3, 4], 'int32');
        const x = tf.ones([5, 7]);
        const weight = tf.range(1, 36).reshape([5, 7]);
        const y = dropout(x, 0.4, seed);
        const gradient = tf.grad((t: tf.Tensor) => dropout(t, 0.4, seed).mul(weight).sum())(x);
        expectClose(gradient, Array.from(y.mul(weight).dataSync()), 1e-4);
        expect(y.shape).toEqual([5, 7]);
      });
    });

    test('rate 0 leaves the values alone, and has a gradient', () => {
      tf.tidy(() => {
        const seed = tf.tensor1d([3, 4], 'int32');
        expectClose(dropout(tf.tensor1d([1, -2]), 0, seed), [1, -2], 0);
        expectClose(tf.grad((t: tf.Tensor) => dropout(t, 0, seed).sum())(tf.tensor1d([1, -2])), [1, 1], 0);
      });
    });

    test('scalars, empty tensors, and infinite values where they are dropped', () => {
      tf.tidy(() => {
        const seed = tf.tensor1d([3, 4], 'int32');
        expect([0, 2]).toContain(dropout(tf.scalar(1), 0.5, seed).dataSync()[0]);
        expect(dropout(tf.zeros([0, 3]), 0.5, seed).shape).toEqual([0, 3]);
        const values = Array.from(dropout(tf.fill([50], Infinity), 0.5, seed).dataSync());
        expect(new Set(values)).toEqual(new Set([0, Infinity]));
      });
    });

    test('can be traced', () => {
      expectTraceable(() => {
        const seed = tf.tensor1d([3, 4], 'int32');
        return tf.grad((t: tf.Tensor) => dropout(t, 0.4, seed).square().sum())(tf.ones([3, 3]));
      });
    });

    test('wrong arguments are named', () => {
      tf.tidy(() => {
        const [x, seed] = [tf.ones([2]), tf.tensor1d([1, 2], 'int32')];
        for (const rate of [1, -0.1, NaN]) {
          expect(() => dropout(x, rate, seed)).toThrow(
            new RangeError(`rate must be in [0, 1), but is ${rate}`),
          );
        }
        expect(() => dropout(x, 0.5, tf.tensor1d([1, 2]))).toThrow('seed must be int32, but is float32');
        expect(() => dropout(x, 0.5, tf.tensor1d([1], 'int32'))).toThrow(
          'seed must have two entries, but has 1',
        );
        expect(() => dropout(x.cast('int32'), 0.5, seed)).toThrow('x must be float32, but is int32');
      });
    });
  });
});

/** What dropout makes of ones. */
function masked(shape: number[], rate: number, seed: number[]): number[] {
  return tf.tidy(() => Array.from(dropout(tf.ones(shape), rate, tf.tensor1d(seed, 'int32')).dataSync()));
}
