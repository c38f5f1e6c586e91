import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createModel } from '@superconvergence/models';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './index.ts';
import { loadNative } from './testing/native.ts';

beforeAll(loadNative);

const MEGABYTE = 2 ** 20;

/** Resident memory after a collection, in megabytes. */
function residentMegabytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage.rss() / MEGABYTE;
}

/** A training step of a small network with batch normalisation, whose rate changes at each call. */
function createTraining() {
  const model = createModel('wrn-10-1', { inputShape: [8, 8, 3], seed: 1 });
  const optimizer = tf.train.momentum(0.01, 0.9);
  const step = (images: tf.Tensor4D, labels: tf.Tensor1D) =>
    optimizer.minimize(
      () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor2D, labels).mean(),
      true,
    ) as tf.Scalar;
  const dispose = () => {
    optimizer.dispose();
    model.dispose();
  };
  return { step, optimizer, dispose };
}

describe('memory', () => {
  it('stays where it is in 10,000 steps', async () => {
    const training = createTraining();
    const step = compile(training.step);
    const images = tf.randomNormal<tf.Rank.R4>([4, 8, 8, 3], 0, 1, 'float32', 1);
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
    const run = async (numSteps: number) => {
      for (let i = 0; i < numSteps; i++) {
        training.optimizer.setLearningRate(0.01 / (1 + (i % 10)));
        const loss = await step(images, labels);
        if (i % 10 === 0) expect((await loss.data())[0]).toBeLessThan(10);
        loss.dispose();
      }
    };
    await run(1000);
    const [tensorsBefore, before] = [tf.memory(), residentMegabytes()];
    await run(9000);
    const [tensorsAfter, after] = [tf.memory(), residentMegabytes()];
    expect([tensorsAfter.numTensors, tensorsAfter.numBytes]).toEqual([
      tensorsBefore.numTensors,
      tensorsBefore.numBytes,
    ]);
    expect(after - before).toBeLessThan(10);
    step.dispose();
    training.dispose();
    tf.dispose([images, labels]);
  });

  it('is given back when compiled functions are disposed of, 200 times', async () => {
    const w = tf.variable(tf.randomNormal<tf.Rank.R2>([256, 256], 0, 0.01, 'float32', 1));
    const x = tf.ones<tf.Rank.R2>([64, 256]);
    const cycle = async () => {
      const step = compile((input: tf.Tensor2D) => {
        const { value, grads } = tf.variableGrads(() => tf.matMul(input, w).square().mean(), [w]);
        w.assign(w.sub((grads[w.name] as tf.Tensor2D).mul(0.1)));
        return value;
      });
      for (let i = 0; i < 3; i++) (await step(x)).dispose();
      step.dispose();
    };
    for (let i = 0; i < 20; i++) await cycle();
    const [tensorsBefore, before] = [tf.memory().numTensors, residentMegabytes()];
    for (let i = 0; i < 180; i++) await cycle();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(residentMegabytes() - before).toBeLessThan(16);
    tf.dispose([w, x]);
  });
});
