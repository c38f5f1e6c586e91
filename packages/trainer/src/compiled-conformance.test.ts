import { loadEngine } from '@superconvergence/engine';
import { createModel, type ModelName } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW } from './adam-w.ts';
import type { BatchSource } from './batch-source.ts';
import { evaluate } from './evaluate.ts';
import { modelVariables } from './model-variables.ts';
import type { ParameterMultipliers } from './parameter-multipliers.ts';
import { sgd } from './sgd.ts';
import {
  differences,
  isMadeOfGradients,
  ownOptimizer,
  relativeDistance,
  stockOptimizer,
} from './testing/compiled-conformance.ts';
import { train, type TrainEvent } from './train.ts';
import { readVariables } from './training-state.ts';

beforeAll(async () => {
  await loadEngine({ fallback: 'error', quiet: true });
});

/** The stem and the second stage are frozen, the other batch norms learn at half the rate, the head decays twice. */
const multipliers: ParameterMultipliers = (name) => ({
  learningRate: /^(stem|stage2)\//.test(name) ? 0 : /gamma|beta/.test(name) ? 0.5 : 1,
  weightDecay: name.startsWith('head') ? 2 : 1,
});

const rates = { learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 };

describe('compiled training does what eager training does', () => {
  const cases: { model: ModelName; size: number }[] = [
    { model: 'resnet-8', size: 16 },
    { model: 'wrn-10-1', size: 8 },
    { model: 'resnet-18-cifar', size: 16 },
  ];
  it.each(cases)('of $model', async ({ model, size }) => {
    const options = { inputShape: [size, size, 3] } as const;
    const found = await differences({
      model,
      options,
      batchSize: 8,
      optimizer: ownOptimizer(sgd(), { ...rates, learningRate: 1e-4 }),
      numSteps: model === 'resnet-18-cifar' ? 5 : 20,
    });
    expect(found).toEqual([]);
  });

  const optimizers = {
    'sgd in the form of Caffe': ownOptimizer(sgd({ form: 'caffe' }), rates),
    'sgd with multipliers': ownOptimizer(sgd({ multipliers }), { ...rates, weightDecay: 0.1 }),
    adamW: ownOptimizer(adamW(), { ...rates, learningRate: 1e-4 }),
    'adamW with multipliers': ownOptimizer(adamW({ multipliers }), {
      ...rates,
      learningRate: 1e-4,
      weightDecay: 0.1,
    }),
    'tf.train.adam': stockOptimizer(() => tf.train.adam(1e-4)),
  };
  it.each(Object.entries(optimizers))('with %s', async (_name, optimizer) => {
    const options = { inputShape: [8, 8, 3] } as const;
    expect(await differences({ model: 'wrn-10-1', options, batchSize: 8, optimizer })).toEqual([]);
  });
});

/** Ten classes of 16×16 images: each a brightness, under noise. */
function noisyImages(numExamples: number): BatchSource {
  const imageShape = [16, 16, 3] as const;
  const numPixels = 16 * 16 * 3;
  const noise = tf.tidy(() => tf.randomNormal([numExamples, numPixels], 0, 1, 'float32', 7).dataSync());
  return {
    numExamples,
    imageShape,
    numClasses: 10,
    batch({ index, batchSize }) {
      const labels = Int32Array.from({ length: batchSize }, (_, i) => (index * batchSize + i) % 10);
      const from = index * batchSize * numPixels;
      const images = Float32Array.from(
        noise.subarray(from, from + batchSize * numPixels),
        (value, i) => value + (labels[Math.floor(i / numPixels)] ?? 0) / 5,
      );
      return { images, labels };
    },
  };
}

async function trained(compile: boolean) {
  const data = noisyImages(80);
  const model = createModel('resnet-8', { inputShape: [16, 16, 3], seed: 2 });
  const losses: number[] = [];
  const options = { model, data, batchSize: 16, steps: 20, learningRate: 1e-3, logEvery: 5, compile };
  for await (const event of train(options) as AsyncIterable<TrainEvent>) {
    if (event.type === 'step') losses.push(event.loss);
  }
  return { model, data, losses };
}

describe('train and evaluate', () => {
  it('give the same with compile: false', async () => {
    const [ours, theirs] = [await trained(true), await trained(false)];
    expect(ours.losses).toHaveLength(4);
    expect(relativeDistance(ours.losses, theirs.losses)).toBeLessThan(1e-3);
    const [found, expected] = [
      await readVariables(modelVariables(ours.model)),
      await readVariables(modelVariables(theirs.model)),
    ];
    for (const [name, { values }] of Object.entries(expected)) {
      // A bias before a normalisation holds nothing but rounding.
      if (/conv\d?\/bias$/.test(name)) continue;
      // On some processors a rectifier flips (see `SENSITIVITY`), which shows in what is made of gradients alone.
      const tolerance = isMadeOfGradients(name) ? 0.03 : 1e-3;
      expect([name, relativeDistance(found[name]?.values ?? [], values) < tolerance]).toEqual([name, true]);
    }
    for (const statistics of ['running', 'batch'] as const) {
      const score = (compile: boolean) =>
        evaluate(theirs.model, theirs.data, { batchSize: 16, statistics, compile });
      const [compiled, eager] = [await score(true), await score(false)];
      expect(Math.abs(compiled.loss / eager.loss - 1)).toBeLessThan(1e-4);
      expect(compiled.accuracy).toBe(eager.accuracy);
    }
    for (const { model } of [ours, theirs]) model.dispose();
  });
});
