import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { modelVariables } from './model-variables.ts';
import { SeededDropout } from './testing/seeded-dropout.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { readVariables } from './training-state.ts';

beforeAll(async () => {
  await loadEngine();
});

/** Logits are the means of the left and the right half, times ten. */
function halves(): tf.LayersModel {
  const kernel = Array.from({ length: 16 }, (_, pixel) => (pixel % 4 < 2 ? [10 / 8, 0] : [0, 10 / 8]));
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [4, 4, 1] }),
      tf.layers.dense({ units: 2, useBias: false, weights: [tf.tensor2d(kernel)] }),
    ],
  });
}

const data = leftOrRight(25);

describe('evaluate', () => {
  it('is the same for every batch size, and equals the loss and accuracy counted by hand', async () => {
    const model = halves();
    const { images, labels } = data.batch({ epoch: 0, index: 0, batchSize: 25, seed: 0 });
    let loss = 0;
    let right = 0;
    labels.forEach((label, i) => {
      const half = (left: boolean) =>
        10 *
        images
          .subarray(i * 16, (i + 1) * 16)
          .reduce((sum, x, pixel) => sum + (pixel % 4 < 2 === left ? x / 8 : 0), 0);
      const logits = [half(true), half(false)];
      const [a = NaN, b = NaN] = logits;
      loss += Math.log(Math.exp(a) + Math.exp(b)) - (logits[label] ?? NaN);
      if ((b > a ? 1 : 0) === label) right += 1;
    });
    for (const batchSize of [1, 7, 25, 500]) {
      const result = await evaluate(model, data, { batchSize });
      expect(result.loss).toBeCloseTo(loss / 25, 5);
      expect(result.accuracy).toBeCloseTo(right / 25, 12);
    }
    expect((await evaluate(model, data, { batchSize: 7, maxExamples: 10 })).numExamples).toBe(10);
    model.dispose();
  });

  it('with batch statistics differs from running ones and leaves the moving averages alone', async () => {
    const model = smallNet();
    const before = await readVariables(modelVariables(model));
    const [running, batch] = [
      await evaluate(model, data),
      await evaluate(model, data, { statistics: 'batch' }),
    ];
    expect(batch.loss).not.toBeCloseTo(running.loss, 6);
    expect(await readVariables(modelVariables(model))).toEqual(before);
    model.dispose();
  });

  it('with batch statistics takes each batch as a whole, whatever the groups of ghost batch norm', async () => {
    const options = { inputShape: [4, 4, 1], classes: 2, seed: 1 } as const;
    const [ghost, plain] = [8, 1].map((batchNormGroups) =>
      createModel('wrn-10-1', { ...options, batchNormGroups }),
    ) as [tf.LayersModel, tf.LayersModel];
    for (const batchSize of [25, 8]) {
      const [found, expected] = [
        await evaluate(ghost, data, { statistics: 'batch', batchSize }),
        await evaluate(plain, data, { statistics: 'batch', batchSize }),
      ];
      expect(found).toEqual(expected);
    }
    for (const model of [ghost, plain]) model.dispose();
  });

  it('has no dropout with either statistics', async () => {
    const model = smallNet();
    const [head] = model.layers.slice(-1) as [tf.layers.Layer];
    const withDropout = tf.sequential({
      layers: [...model.layers.slice(0, -1), new SeededDropout(0.9), head],
    });
    for (const statistics of ['running', 'batch'] as const) {
      expect(await evaluate(withDropout, data, { statistics })).toEqual(
        await evaluate(model, data, { statistics }),
      );
    }
    model.dispose();
  });

  it('keeps no tensors', async () => {
    const model = smallNet();
    const before = tf.memory().numTensors;
    await evaluate(model, data, { batchSize: 10 });
    await evaluate(model, data, { batchSize: 10, statistics: 'batch' });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('names wrong arguments', async () => {
    const model = smallNet();
    await expect(evaluate(model, data, { batchSize: 0 })).rejects.toThrow(/batchSize .* 0/);
    await expect(evaluate(model, data, { maxExamples: 0 })).rejects.toThrow(/maxExamples .* 0/);
    model.dispose();
  });
});
