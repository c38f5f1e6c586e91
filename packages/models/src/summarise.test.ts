import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { summarise } from './index.ts';

describe('summarise', () => {
  test('hand-computed table', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, padding: 'same', name: 'a' }),
        tf.layers.batchNormalization({ name: 'b' }),
        tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, useBias: false, name: 'c' }),
        tf.layers.flatten({ name: 'd' }),
        tf.layers.dense({ units: 10, name: 'e' }),
      ],
    });
    const { layers, ...totals } = summarise(model);
    expect(
      layers.map(({ name, parameters, multiplyAccumulates }) => [name, parameters, multiplyAccumulates]),
    ).toEqual([
      ['a', 3 * 3 * 3 * 4 + 4, 8 * 8 * 3 * 3 * 3 * 4],
      ['b', 8, 0], // γ and β; the moving averages are not trained
      ['c', 3 * 3 * 4 * 5, 3 * 3 * (3 * 3 * 4 * 5)], // (8 − 3)/2 + 1 = 3 positions each way
      ['d', 0, 0],
      ['e', 45 * 10 + 10, 45 * 10],
    ]);
    expect(totals).toEqual({
      parameters: 112 + 8 + 180 + 460,
      multiplyAccumulates: 6912 + 1620 + 450,
      inputGradientMultiplyAccumulates: 1620 + 450,
    });
    expect(layers[2]).toMatchObject({ type: 'Conv2D', outputShape: [null, 3, 3, 5] });
    model.dispose();
  });

  test('refuses what it cannot count', () => {
    const recurrent = tf.sequential({
      layers: [tf.layers.lstm({ units: 2, inputShape: [3, 4], name: 'l' })],
    });
    expect(() => summarise(recurrent)).toThrow(
      'cannot count the multiply-accumulates of layer l of type LSTM',
    );
    const open = tf.sequential({
      layers: [tf.layers.conv2d({ inputShape: [null, null, 3], filters: 4, kernelSize: 3, name: 'a' })],
    });
    expect(() => summarise(open)).toThrow('the model must have a known image size, but layer a has none');
    tf.dispose([recurrent.getWeights(), open.getWeights()]);
  });
});
