import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { batchNormTraining } from './index.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose, expectFiniteDifferences, expectRelative, wave } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';

onEveryBackend(() => {
  describe('ghost batchNormTraining', () => {
    test('hand-computed table', () => {
      tf.tidy(() => {
        // Groups (1, 3) and (10, 30): means 2 and 20, biased variances 1 and 100, unbiased 2 and 200.
        const x = tf.tensor2d([[1], [3], [10], [30]]);
        const { y, mean, variance } = batchNormTraining(x, tf.ones([1]), tf.zeros([1]), { groups: 2 });
        expectClose(y, [-1, 1, -1, 1], 1e-4);
        expectClose(mean, [11]);
        expectClose(variance, [101], 1e-4);
      });
    });

    test.each([[[6, 3, 2, 4]], [[6, 4]]])('shape %j: the same as its groups one by one', (shape) => {
      tf.tidy(() => {
        const x = wave(shape, 1).mul(3).add(2);
        const gamma = wave([4], 2).add(1.5);
        const beta = wave([4], 3);
        const weight = wave(shape, 4);
        const [dx, dGamma, dBeta] = tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
          batchNormTraining(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D, { groups: 3 })
            .y.mul(weight)
            .sum(),
        )([x, gamma, beta]);
        const parts = tf.split(x, 3).map((part, index) => {
          const weightOfPart = weight.slice([2 * index], [2]);
          return tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
            batchNormTraining(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D)
              .y.mul(weightOfPart)
              .sum(),
          )([part, gamma, beta]);
        });
        expectRelative(dx, tf.concat(parts.map(([part]) => part as tf.Tensor)));
        expectRelative(dGamma, tf.addN(parts.map(([, part]) => part as tf.Tensor)));
        expectRelative(dBeta, tf.addN(parts.map(([, , part]) => part as tf.Tensor)));
      });
    });

    test('its gradient agrees with finite differences', () => {
      const [weight, x, gamma, beta] = [
        wave([4, 2], 7),
        wave([4, 2], 8),
        tf.tensor1d([1.5, 0.5]),
        tf.zeros([2]),
      ];
      expectFiniteDifferences(
        (t) =>
          batchNormTraining(t as tf.Tensor2D, gamma, beta as tf.Tensor1D, { groups: 2, epsilon: 0.1 })
            .y.mul(weight)
            .sum(),
        x,
      );
      tf.dispose([weight, x, gamma, beta]);
    });

    test.each([1, 2])('can be traced with %d groups', (groups) => {
      expectTraceable(() =>
        tf.grad((t: tf.Tensor) =>
          batchNormTraining(t as tf.Tensor2D, tf.ones([2]), tf.zeros([2]), { groups })
            .y.square()
            .sum(),
        )(wave([4, 2], 1)),
      );
    });

    test.each([0, 3, 1.5, -2, NaN])('%d groups of 4 examples', (groups) => {
      tf.tidy(() => {
        expect(() =>
          batchNormTraining(tf.zeros<tf.Rank.R2>([4, 2]), tf.ones([2]), tf.zeros([2]), { groups }),
        ).toThrow(
          new RangeError(
            `groups must be a positive integer that divides the 4 examples of x, but is ${groups}`,
          ),
        );
      });
    });
  });
});
