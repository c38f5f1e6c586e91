import { compile } from '@superconvergence/compile';
import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import { dropout } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropoutSeed } from './dropout-seed.ts';
import { modelVariables, trainableVariables } from './model-variables.ts';
import { sgd } from './sgd.ts';
import { SeededDropout } from './testing/seeded-dropout.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { train, type TrainOptions } from './train.ts';
import { readVariables, type TrainingState } from './training-state.ts';
import { trainingStep } from './training-step.ts';

beforeAll(async () => {
  await loadEngine();
});

const rate = 0.5;
const numPixels = 64;

/** Logits are sums of the pixels that dropout leaves, with weights that start at 0. */
function dropoutNet(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [8, 8, 1] }),
      new SeededDropout(rate),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, useBias: false, kernelInitializer: 'zeros' }),
    ],
  });
}

/** The pixels that dropout leaves of one white image. */
function mask(seed: readonly [number, number]): number[] {
  return tf.tidy(() => [
    ...dropout(tf.ones([1, 8, 8, 1]), rate, tf.tensor1d([...seed], 'int32'))
      .dataSync()
      .map((value) => (value > 0 ? 1 : 0)),
  ]);
}

/**
 * For each seed in turn, the mean over the towers of the mask that a step made of it, each tower with one white image of
 * class 0. With weights of 0 the gradient of a pixel's weight for class 0 is 1/(1 − rate) · (1/2 − 1) = −1 where it was
 * left, so a plain step with rate 1 adds 1.
 */
async function masksOf(
  seeds: readonly (readonly [number, number])[],
  { towers = 1, eager = false } = {},
): Promise<number[][]> {
  const model = dropoutNet();
  const optimizer = sgd()(trainableVariables(model));
  const step = compile(trainingStep(model, optimizer, { towers }), { eager });
  const [kernel] = trainableVariables(model);
  const masks = [];
  for (const seed of seeds) {
    const before = (await kernel?.variable.data())?.slice() ?? [];
    const images = tf.ones<tf.Rank.R4>([towers, 8, 8, 1]);
    const labels = tf.zeros<tf.Rank.R1>([towers], 'int32');
    const inputs = {
      learningRate: tf.scalar(1),
      momentum: tf.scalar(0),
      weightDecay: tf.scalar(0),
      dropoutSeed: tf.tensor1d([...seed], 'int32'),
    };
    tf.dispose(await step(images, labels, inputs));
    const after = (await kernel?.variable.data()) ?? [];
    masks.push(Array.from({ length: numPixels }, (_, i) => (after[2 * i] ?? NaN) - (before[2 * i] ?? NaN)));
    tf.tidy(() => kernel?.variable.assign(tf.zeros([numPixels, 2])));
    tf.dispose([images, labels, Object.values(inputs)]);
  }
  step.dispose();
  optimizer.dispose();
  model.dispose();
  return masks;
}

describe('dropoutSeed', () => {
  it('is two integers from 0 to 2²³ − 1, others for every step and every seed', () => {
    const seeds = [0, 1, 2, -1, 2 ** 40].flatMap((seed) =>
      Array.from({ length: 2_000 }, (_, step) => dropoutSeed(seed, step)),
    );
    for (const word of seeds.flat()) {
      expect(Number.isInteger(word) && word >= 0 && word < 2 ** 23).toBe(true);
    }
    expect(new Set(seeds.map(String)).size).toBe(10_000);
    expect(dropoutSeed(3, 7)).toEqual(dropoutSeed(3, 7));
    // The mean of 20,000 uniform numbers: 2²² ± 5 of its standard deviations.
    const mean = seeds.flat().reduce((sum, word) => sum + word, 0) / 20_000;
    expect(Math.abs(mean / 2 ** 23 - 0.5)).toBeLessThan(5 / Math.sqrt(12 * 20_000));
  });
});

describe('a training step', () => {
  const seeds = [dropoutSeed(1, 0), dropoutSeed(1, 1)] as const;

  it.each([true, false])('gives its seed to every layer (eager: %s)', async (eager) => {
    const masks = await masksOf(seeds, { eager });
    expect(masks).toEqual(seeds.map(mask));
    expect(masks[0]).not.toEqual(masks[1]);
  });

  it.each([true, false])('gives every tower another (eager: %s)', async (eager) => {
    const [[first, second]] = seeds;
    const [both] = await masksOf(seeds.slice(0, 1), { towers: 2, eager });
    const [ofFirst, ofSecond] = [mask([first, second]), mask([first, second + 1])];
    expect(ofFirst).not.toEqual(ofSecond);
    expect(both).toEqual(ofFirst.map((left, i) => (left + (ofSecond[i] ?? NaN)) / 2));
  });

  it('without dropout is the same with a seed and without, bit for bit', async () => {
    const weightsAfter = async (inputs: { dropoutSeed?: tf.Tensor1D }) => {
      const model = smallNet();
      const optimizer = sgd()(trainableVariables(model));
      const step = compile(trainingStep(model, optimizer, { towers: 2 }));
      const { images, labels } = leftOrRight(8).batch({ epoch: 0, index: 0, batchSize: 8, seed: 1 });
      const rates = { learningRate: tf.scalar(0.1), momentum: tf.scalar(0.9), weightDecay: tf.scalar(5e-4) };
      const loss = await step(tf.tensor4d(images, [8, 4, 4, 1]), tf.tensor1d(labels, 'int32'), {
        ...rates,
        ...inputs,
      });
      loss.dispose();
      const weights = await readVariables(modelVariables(model));
      step.dispose();
      optimizer.dispose();
      model.dispose();
      return weights;
    };
    const seed = tf.tensor1d(dropoutSeed(1, 0), 'int32');
    expect(await weightsAfter({ dropoutSeed: seed })).toEqual(await weightsAfter({}));
  });
});

/** Networks with dropout layers, for `leftOrRight`. */
const networks = {
  'one layer': () =>
    tf.sequential({
      layers: [tf.layers.inputLayer({ inputShape: [4, 4, 1] }), new SeededDropout(0.3), ...smallNet().layers],
    }),
  'a wide residual network': () =>
    createModel('wrn-10-1', { inputShape: [4, 4, 1], classes: 2, dropout: 0.3 }),
};

describe.each(Object.entries(networks))('train with dropout, %s', (_name, createNetwork) => {
  async function run(options: Partial<TrainOptions> = {}) {
    const model = createNetwork();
    const losses: number[] = [];
    let state: TrainingState | undefined;
    const whole = { data: leftOrRight(64), batchSize: 8, steps: 12, learningRate: 0.02, logEvery: 1 };
    for await (const event of train({ model, ...whole, ...options })) {
      if (event.type === 'step') losses.push(event.loss);
      if (event.type === 'checkpoint') state = event.state;
    }
    const weights = await readVariables(modelVariables(model));
    model.dispose();
    return { losses, weights, state };
  }

  it.each([1, 2])('goes on from a checkpoint bit for bit, with %i towers', async (towers) => {
    const unbroken = await run({ towers, checkpointEvery: 7 });
    const resumed = await run({ towers, startFrom: unbroken.state });
    expect(resumed.weights).toEqual(unbroken.weights);
    expect(resumed.losses).toEqual(unbroken.losses.slice(7));
  });

  it('does compiled what it does eagerly', async () => {
    const [compiled, eager] = [await run(), await run({ compile: false })];
    eager.losses.forEach((loss, i) => {
      expect(Math.abs((compiled.losses[i] ?? NaN) / loss - 1)).toBeLessThan(1e-3);
    });
  });
});
