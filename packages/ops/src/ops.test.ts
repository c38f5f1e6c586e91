import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { batchNormTraining, biasAdd, relu, softmaxCrossEntropy } from './index.ts';
import { expectClose, expectFiniteDifferences, expectRelative, wave } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';

onEveryBackend((backend) => {
  describe('batchNormTraining', () => {
    test('hand-computed table', () => {
      tf.tidy(() => {
        // Channel 0: 1, 3 → mean 2, biased variance 1, unbiased 2. Channel 1: 0, 6 → 3, 9, 18.
        const x = tf.tensor2d([
          [1, 0],
          [3, 6],
        ]);
        const result = batchNormTraining(x, tf.tensor1d([2, 1]), tf.tensor1d([0, 10]), { epsilon: 1.001e-5 });
        expectClose(result.mean, [2, 3]);
        expectClose(result.variance, [2, 18]);
        expectClose(result.y, [-2, 9, 2, 11], 1e-4);
        expect(result.y.shape).toEqual([2, 2]);
      });
    });

    test.each([[[4, 3, 5, 2]], [[6, 3]]])(
      'values and gradients for shape %j equal the plain formula',
      (shape) => {
        tf.tidy(() => {
          const x = wave(shape, 1).mul(3).add(2);
          const gamma = wave([shape.at(-1) ?? 0], 2).add(1.5);
          const beta = wave([shape.at(-1) ?? 0], 3);
          const weight = wave(shape, 4);
          const ours = tf.grads((...[a, b, c]: tf.Tensor[]) =>
            batchNormTraining(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D, { epsilon: 1e-3 })
              .y.mul(weight)
              .sum(),
          )([x, gamma, beta]);
          const plain = tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
            plainBatchNorm(a, b, c, 1e-3).mul(weight).sum(),
          )([x, gamma, beta]);
          const y = batchNormTraining(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, {
            epsilon: 1e-3,
          }).y;
          expectRelative(y, plainBatchNorm(x, gamma, beta, 1e-3));
          ours.forEach((gradient, index) => {
            expectRelative(gradient, plain[index]);
          });
        });
      },
    );

    test('its gradient agrees with finite differences', () => {
      const weight = wave([5, 2], 7);
      const gamma = tf.tensor1d([1.5, 0.5]);
      const beta = tf.tensor1d([0, 1]);
      const x0 = wave([5, 2], 8);
      expectFiniteDifferences(
        (x) =>
          batchNormTraining(x as tf.Tensor2D, gamma, beta, { epsilon: 1e-3 })
            .y.mul(weight)
            .sum(),
        x0,
      );
      tf.dispose([weight, gamma, beta, x0]);
    });

    test('one value per channel has variance 0, not NaN', () => {
      tf.tidy(() => {
        const { y, variance } = batchNormTraining(tf.tensor2d([[5]]), tf.ones([1]), tf.tensor1d([3]));
        expectClose(variance, [0]);
        expectClose(y, [3]);
      });
    });

    test('works inside variableGrads and frees the tape', () => {
      const gamma = tf.tidy(() => tf.variable(tf.ones([2])));
      const x = wave([8, 2], 5);
      for (let repeat = 0; repeat < 3; repeat++) {
        const { value, grads } = tf.variableGrads(
          () =>
            batchNormTraining(x as tf.Tensor2D, gamma as tf.Tensor1D, tf.zeros([2]))
              .y.square()
              .mean(),
          [gamma],
        );
        // y² averages to γ² (up to epsilon); its derivative for each of the two γ is γ.
        expectClose(grads[gamma.name], [1, 1], 1e-3);
        tf.dispose([value, grads]);
      }
      tf.dispose([gamma, x]);
    });
  });

  describe('relu', () => {
    test('values and gradients, 0 at 0', () => {
      tf.tidy(() => {
        const x = tf.tensor2d([[-1, 0, 2, -0.5]]);
        expectClose(relu(x), [0, 0, 2, 0]);
        expectClose(tf.grad((t: tf.Tensor) => relu(t).mul([1, 2, 3, 4]).sum())(x), [0, 0, 3, 0]);
      });
    });

    test('leaves the gradient of tf.relu to tfjs', () => {
      tf.tidy(() => {
        relu(tf.tensor1d([1]));
        expect(tf.getKernel('Relu', backend).kernelName).toBe('Relu');
        expect(tf.getGradient('Relu').inputsToSave).toEqual(['x']);
      });
    });
  });

  describe('biasAdd', () => {
    test('values and gradients', () => {
      tf.tidy(() => {
        const x = wave([2, 3, 4, 2], 1) as tf.Tensor4D;
        const bias = tf.tensor1d([1, -2]);
        const weight = wave([2, 3, 4, 2], 2);
        expectRelative(biasAdd(x, bias), x.add(bias));
        const [dx, dBias] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
          biasAdd(a, b as tf.Tensor1D)
            .mul(weight)
            .sum(),
        )([x, bias]);
        expectRelative(dx, weight);
        expectRelative(dBias, weight.sum([0, 1, 2]));
        expect(biasAdd(tf.zeros([1, 2]), bias).shape).toEqual([1, 2]);
      });
    });
  });

  describe('softmaxCrossEntropy', () => {
    test('hand-computed table', () => {
      tf.tidy(() => {
        const logits = tf.tensor2d([
          [0, 0, 0, 0],
          [1000, 0, 0, 0],
          [Math.log(3), 0, -1000, -1000],
        ]);
        const labels = tf.tensor1d([2, 0, 1], 'int32');
        // ln 4; certain and right; one part in four.
        expectClose(softmaxCrossEntropy(logits, labels), [Math.log(4), 0, Math.log(4)]);
        const gradient = tf.grad((t: tf.Tensor) => softmaxCrossEntropy(t as tf.Tensor2D, labels).mean())(
          logits,
        );
        // (softmax − one-hot) / 3
        expectClose(gradient.mul(3), [0.25, 0.25, -0.75, 0.25, 0, 0, 0, 0, 0.75, -0.75, 0, 0]);
      });
    });

    test('equals tf.losses.softmaxCrossEntropy and finite differences', () => {
      const logits = tf.tidy(() => wave([7, 5], 3).mul(4));
      const labels = tf.tensor1d([0, 1, 2, 3, 4, 0, 2], 'int32');
      tf.tidy(() => {
        const theirs = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 5), logits);
        expectRelative(softmaxCrossEntropy(logits as tf.Tensor2D, labels).mean(), theirs);
      });
      expectFiniteDifferences((x) => softmaxCrossEntropy(x as tf.Tensor2D, labels).sum(), logits);
      tf.dispose([logits, labels]);
    });

    test('a label outside the classes is an error or NaN', () => {
      tf.tidy(() => {
        const labels = tf.tensor1d([3], 'int32');
        const run = (): number => softmaxCrossEntropy(tf.zeros([1, 3]), labels).dataSync()[0] ?? 0;
        if (backend === 'tensorflow') expect(run).toThrow(/outside the valid range/);
        else expect(run()).toBeNaN();
      });
    });
  });

  test('wrong arguments are named', () => {
    tf.tidy(() => {
      const x = tf.zeros<tf.Rank.R2>([2, 3]);
      const three = tf.ones<tf.Rank.R1>([3]);
      const two = tf.ones<tf.Rank.R1>([2]);
      expect(() => batchNormTraining(x, two, three)).toThrow(
        new RangeError('gamma must have one entry for each of the 3 channels of x, but has 2'),
      );
      expect(() => batchNormTraining(x, three, three, { epsilon: 0 })).toThrow(
        /epsilon must be a number greater than 0/,
      );
      expect(() => batchNormTraining(tf.zeros<tf.Rank.R2>([2, 3], 'int32'), three, three)).toThrow(
        new TypeError('x must be float32, but is int32'),
      );
      expect(() => batchNormTraining(tf.zeros([2, 3, 3]) as never, three, three)).toThrow(
        'x must have rank 2 or 4, but has shape [2, 3, 3]',
      );
      expect(() => relu(x.cast('int32'))).toThrow('x must be float32, but is int32');
      expect(() => biasAdd(x, two)).toThrow(/bias must have one entry for each of the 3 channels/);
      expect(() => softmaxCrossEntropy(x, two)).toThrow('labels must be int32, but is float32');
      expect(() => softmaxCrossEntropy(x, tf.zeros([3], 'int32'))).toThrow(
        'labels must have one entry for each of the 2 rows of logits, but has 3',
      );
    });
  });
});

test('switching the backend back and forth between calls', async () => {
  for (const backend of ['tensorflow', 'cpu', 'tensorflow', 'cpu'] as const) {
    await tf.setBackend(backend);
    const x = tf.tensor2d([[1], [3]]);
    const gradient = tf.grad((t: tf.Tensor) =>
      relu(batchNormTraining(t as tf.Tensor2D, tf.ones([1]), tf.zeros([1])).y).sum(),
    )(x);
    // ŷ = (x₁ − x₂)/|x₁ − x₂| does not change with x: the derivative is 0 up to epsilon.
    expectClose(gradient, [0, 0], 1e-4);
    tf.dispose([x, gradient]);
  }
  await tf.setBackend('tensorflow');
});

function plainBatchNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes);
  return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
}
