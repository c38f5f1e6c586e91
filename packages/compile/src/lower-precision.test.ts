import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './index.ts';
import { loadNative, relativeError } from './testing/native.ts';

beforeAll(loadNative);

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

describe('precision', () => {
  it('bfloat16 multiplies in 8 bits of mantissa and keeps everything else in float32', async () => {
    const x = normal([4, 8, 8, 16], 1) as tf.Tensor4D;
    const [kernel, dense] = [normal([3, 3, 16, 8], 2), normal([8, 5], 3)];
    const createStep = (precision: 'float32' | 'bfloat16') => {
      const [w, v] = [tf.variable(kernel), tf.variable(dense)];
      const loss = () =>
        tf
          .matMul(tf.conv2d(x, w as tf.Tensor4D, 1, 'same').mean<tf.Tensor2D>([1, 2]), v as tf.Tensor2D)
          .square()
          .mean<tf.Scalar>();
      const step = compile(
        () => {
          const { value, grads } = tf.variableGrads(loss, [w, v]);
          for (const each of [w, v]) each.assign(each.sub((grads[each.name] as tf.Tensor).mul(1e-4)));
          return [value, grads[w.name], grads[v.name]] as tf.Tensor[];
        },
        { precision },
      );
      return { step, w };
    };
    const [low, full] = [createStep('bfloat16'), createStep('float32')];
    const [found, expected] = [await low.step(), await full.step()];
    for (const [i, tensor] of found.entries()) {
      const error = relativeError(tensor.dataSync(), expected[i]?.dataSync() ?? []);
      // bfloat16 rounds to 2⁻⁹ of a number: float32 would be far nearer, 16-bit sums or updates far off.
      expect(error).toBeGreaterThan(1e-5);
      expect(error).toBeLessThan(2e-2);
    }
    // An update of 1e-4 is far below bfloat16's grid around a weight of 1, so the weights are float32.
    const change = low.w.sub(kernel).dataSync();
    const expectedChange = full.w.sub(kernel).dataSync();
    expect(relativeError(change, expectedChange)).toBeLessThan(2e-2);
    low.step.dispose();
    full.step.dispose();
  });
});
