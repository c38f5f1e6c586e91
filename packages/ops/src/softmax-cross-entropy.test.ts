import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { softmaxCrossEntropy } from './index.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose, expectFiniteDifferences, expectRelative, wave } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';

onEveryBackend(() => {
  describe('softmaxCrossEntropy with label smoothing', () => {
    test('hand-computed table', () => {
      tf.tidy(() => {
        const logits = tf.tensor2d([
          [0, 0, 0, 0],
          [Math.log(3), 0, 0, 0],
        ]);
        const labels = tf.tensor1d([2, 0], 'int32');
        // Row 1: −log softmax is ln 4 everywhere. Row 2: softmax (1/2, 1/6, 1/6, 1/6), so with ε = 0.2
        // 0.8·ln 2 + 0.2·(ln 2 + 3·ln 6)/4.
        const second = 0.8 * Math.log(2) + 0.05 * (Math.log(2) + 3 * Math.log(6));
        expectClose(softmaxCrossEntropy(logits, labels, { labelSmoothing: 0.2 }), [Math.log(4), second]);
        // softmax − target, and the target is 0.85 at the label, 0.05 elsewhere.
        const gradient = tf.grad((t: tf.Tensor) =>
          softmaxCrossEntropy(t as tf.Tensor2D, labels, { labelSmoothing: 0.2 }).sum(),
        )(logits);
        const rest = 1 / 6 - 0.05;
        expectClose(gradient, [0.2, 0.2, -0.6, 0.2, -0.35, rest, rest, rest]);
      });
    });

    test.each([0, 0.1, 1])('smoothing %d is (1 − ε)·CE + ε·mean of −log softmax', (labelSmoothing) => {
      const logits = tf.tidy(() => wave([7, 5], 3).mul<tf.Tensor2D>(4));
      const labels = tf.tensor1d([0, 1, 2, 3, 4, 0, 2], 'int32');
      tf.tidy(() => {
        const surprise = logits.logSoftmax().neg();
        const expected = softmaxCrossEntropy(logits, labels)
          .mul(1 - labelSmoothing)
          .add(surprise.mean(1).mul(labelSmoothing));
        expectRelative(softmaxCrossEntropy(logits, labels, { labelSmoothing }), expected);
      });
      expectFiniteDifferences(
        (x) => softmaxCrossEntropy(x as tf.Tensor2D, labels, { labelSmoothing }).sum(),
        logits,
      );
      tf.dispose([logits, labels]);
    });

    test('a label outside the classes is NaN in its row only, in the gradient too', () => {
      tf.tidy(() => {
        const loss = (t: tf.Tensor): tf.Tensor =>
          softmaxCrossEntropy(t as tf.Tensor2D, tf.tensor1d([3, 0], 'int32'), { labelSmoothing: 0.3 });
        const isNaN = (t: tf.Tensor): number[] => Array.from(t.isNaN().dataSync());
        expect(isNaN(loss(tf.zeros([2, 3])))).toEqual([1, 0]);
        expect(isNaN(tf.grad(loss)(tf.zeros([2, 3])))).toEqual([1, 1, 1, 0, 0, 0]);
      });
    });

    test.each([0, 0.1])('can be traced with smoothing %d', (labelSmoothing) => {
      expectTraceable(() => {
        const labels = tf.tensor1d([1, 0], 'int32');
        return tf.grad((t: tf.Tensor) =>
          softmaxCrossEntropy(t as tf.Tensor2D, labels, { labelSmoothing }).mean(),
        )(tf.zeros([2, 3]));
      });
    });

    test('smoothing outside [0, 1]', () => {
      tf.tidy(() => {
        const run = (labelSmoothing: number) => () =>
          softmaxCrossEntropy(tf.zeros([1, 3]), tf.zeros([1], 'int32'), { labelSmoothing });
        expect(run(1.1)).toThrow(new RangeError('labelSmoothing must be in [0, 1], but is 1.1'));
        expect(run(NaN)).toThrow(RangeError);
      });
    });
  });
});
