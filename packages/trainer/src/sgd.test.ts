import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decayEverything } from './parameter-multipliers.ts';
import { sgd, type SgdOptions } from './sgd.ts';

beforeAll(async () => {
  await loadEngine();
});

interface Step {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly gradient?: number;
}

/** The weight after each step, from 1, under the name of a kernel. */
function weights(options: SgdOptions, steps: readonly Step[], name = 'layer/kernel'): number[] {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d([1])));
  const optimizer = sgd(options)([{ name, variable }]);
  const after = steps.map(({ learningRate, momentum = 0.9, weightDecay = 0, gradient = 1 }) => {
    tf.tidy(() => {
      optimizer.update([tf.tensor1d([gradient])], {
        learningRate: tf.scalar(learningRate),
        momentum: tf.scalar(momentum),
        weightDecay: tf.scalar(weightDecay),
      });
    });
    return variable.dataSync()[0] ?? NaN;
  });
  optimizer.dispose();
  variable.dispose();
  return after;
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] ?? NaN, 6);
  });
}

const constantRate = [{ learningRate: 0.1 }, { learningRate: 0.1 }, { learningRate: 0.1 }];
const risingRate = [{ learningRate: 0.1 }, { learningRate: 0.2 }];

describe('sgd', () => {
  it('classical momentum: v = 1, 1.9, 2.71; w = 1 − 0.1·(v₁ + v₂ + v₃)', () => {
    expectClose(weights({ nesterov: false }, constantRate), [0.9, 0.71, 0.439]);
    // With a constant rate, both forms are the same.
    expectClose(weights({ nesterov: false, form: 'caffe' }, constantRate), [0.9, 0.71, 0.439]);
  });

  it('Nesterov: the change is 0.1·(g + 0.9·v) = 0.19, 0.271, 0.3439', () => {
    expectClose(weights({}, constantRate), [0.81, 0.539, 0.1951]);
    expectClose(weights({ form: 'caffe' }, constantRate), [0.81, 0.539, 0.1951]);
  });

  it('keeps the rate outside the velocity in torch’s form and inside it in Caffe’s', () => {
    // torch: v = 1, 1.9; changes 0.1·1, 0.2·1.9. Caffe: v = 0.1, 0.9·0.1 + 0.2 = 0.29.
    expectClose(weights({ nesterov: false }, risingRate), [0.9, 0.52]);
    expectClose(weights({ nesterov: false, form: 'caffe' }, risingRate), [0.9, 0.61]);
    // Nesterov: torch 0.1·1.9, 0.2·(1 + 0.9·1.9); Caffe 1.9·0.1 − 0, 1.9·0.29 − 0.9·0.1.
    expectClose(weights({}, risingRate), [0.81, 0.268]);
    expectClose(weights({ form: 'caffe' }, risingRate), [0.81, 0.349]);
  });

  it('takes the momentum of every step, which tf.train.momentum does not', () => {
    expectClose(
      weights({ nesterov: false }, [{ learningRate: 0.1 }, { learningRate: 0.1, momentum: 0 }]),
      [0.9, 0.8],
    );
  });

  it('adds weight decay to the gradient of kernels only', () => {
    const step = [{ learningRate: 0.1, weightDecay: 0.5, gradient: 0, momentum: 0 }];
    expectClose(weights({}, step), [0.95]);
    expectClose(weights({}, step, 'norm/gamma'), [1]);
    expectClose(weights({}, step, 'head/bias'), [1]);
    expectClose(weights({ multipliers: decayEverything }, step, 'head/bias'), [0.95]);
  });

  it('multiplies the rate of a weight by 2 and its weight decay by 3', () => {
    // Rates 0.2 and 0.4, weight decay 0.3, momentum 0.5, gradient 1.
    const options = { multipliers: () => ({ learningRate: 2, weightDecay: 3 }) };
    const steps = risingRate.map((step) => ({ ...step, momentum: 0.5, weightDecay: 0.1 }));
    // g = 1.3, 1 + 0.3·0.74 = 1.222. torch: v = 1.3, 1.872. Caffe: v = 0.2·1.3 = 0.26, 0.13 + 0.4·1.222 = 0.6188.
    expectClose(weights({ ...options, nesterov: false }, steps), [0.74, 0.74 - 0.4 * 1.872]);
    expectClose(weights({ ...options, nesterov: false, form: 'caffe' }, steps), [0.74, 0.74 - 0.6188]);
    // Nesterov: g = 1.3, 1 + 0.3·0.61 = 1.183. torch: v = 1.3, 1.833; changes 0.2·(1.3 + 0.65), 0.4·(1.183 + 0.9165).
    expectClose(weights(options, steps), [0.61, 0.61 - 0.8398]);
    // Caffe: v = 0.26, 0.13 + 0.4·1.183 = 0.6032; changes 1.5·0.26, 1.5·0.6032 − 0.5·0.26.
    expectClose(weights({ ...options, form: 'caffe' }, steps), [0.61, 0.61 - 0.7748]);
  });

  it('keeps no tensors', () => {
    const before = tf.memory().numTensors;
    weights({}, constantRate);
    weights({ multipliers: () => ({ learningRate: 2, weightDecay: 3 }) }, constantRate);
    expect(tf.memory().numTensors).toBe(before);
  });
});
