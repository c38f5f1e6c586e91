import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { modelVariables } from './model-variables.ts';
import { recalibrateBatchNorm } from './recalibrate-batch-norm.ts';
import { SeededDropout } from './testing/seeded-dropout.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { train } from './train.ts';
import { readVariables } from './training-state.ts';

beforeAll(async () => {
  await loadEngine();
});

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const data = leftOrRight(40);

/** Two convolutions with a normalisation behind each; dropout, which wants a seed in training, between them. */
function twoNorms({ momentum, trainable = true }: { momentum: number; trainable?: boolean }) {
  const init = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });
  const convolution = (name: string, seed: number) =>
    tf.layers.conv2d({ filters: 3, kernelSize: 2, kernelInitializer: init(seed), name });
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [4, 4, 1] }),
      convolution('conv1', 1),
      tf.layers.batchNormalization({ name: 'norm1', momentum, trainable, betaInitializer: init(2) }),
      new SeededDropout(0.5),
      convolution('conv2', 3),
      tf.layers.batchNormalization({ name: 'norm2', momentum }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, kernelInitializer: init(4), name: 'head' }),
    ],
  });
}

/** Averages over batches of the statistics of both convolutions' outputs, computed without batch norm layers. */
function averagesByHand(model: tf.LayersModel, numBatches: number, batchSize: number) {
  const batchesAnEpoch = Math.floor(data.numExamples / batchSize);
  return tf.tidy(() => {
    const batches = Array.from({ length: numBatches }, (_, i) => {
      const place = { epoch: Math.floor(i / batchesAnEpoch), index: i % batchesAnEpoch };
      const { images } = data.batch({ ...place, batchSize, seed: 5 });
      const y1 = convolve(model, 'conv1', tf.tensor4d(images, [batchSize, 4, 4, 1]));
      const first = tf.moments(y1, [0, 1, 2]);
      const [gamma, beta] = model.getLayer('norm1').getWeights() as [tf.Tensor1D, tf.Tensor1D];
      const normalised = y1.sub(first.mean).div(first.variance.add(1e-3).sqrt()).mul(gamma).add(beta);
      const second = tf.moments(convolve(model, 'conv2', normalised as tf.Tensor4D), [0, 1, 2]);
      return {
        'norm1/moving_mean': first.mean,
        'norm1/moving_variance': first.variance,
        'norm2/moving_mean': second.mean,
        'norm2/moving_variance': second.variance,
      };
    });
    const names = ['norm1', 'norm2'].flatMap((norm) => [`${norm}/moving_mean`, `${norm}/moving_variance`]);
    return names.map((name) => ({
      name,
      values: [
        ...tf
          .addN(batches.map((batch) => batch[name as keyof typeof batch]))
          .div(numBatches)
          .dataSync(),
      ],
    }));
  });
}

function convolve(model: tf.LayersModel, layer: string, x: tf.Tensor4D): tf.Tensor4D {
  const [kernel, bias] = model.getLayer(layer).getWeights() as [tf.Tensor4D, tf.Tensor1D];
  return tf.conv2d(x, kernel, 1, 'valid').add(bias);
}

async function stateOf(model: tf.LayersModel): Promise<Record<string, number[]>> {
  const tensors = await readVariables(modelVariables(model));
  return Object.fromEntries(Object.entries(tensors).map(([name, { values }]) => [name, [...values]]));
}

describe('recalibrateBatchNorm', () => {
  const cases = [
    { momentum: 0.99, compile: true },
    { momentum: 0.99, compile: false },
    { momentum: 0, compile: true },
    { momentum: 0.9, compile: true, trainable: false },
  ];
  it.each(cases)('averages the statistics of batches, with dropout off: %o', async (settings) => {
    const model = twoNorms(settings);
    const before = await stateOf(model);
    const options = { batchSize: 8, numBatches: 7, seed: 5, compile: settings.compile };
    // Five batches an epoch: two are of the second.
    await recalibrateBatchNorm(model, data, options);
    const after = await stateOf(model);
    for (const { name, values } of averagesByHand(model, 7, 8)) {
      values.forEach((value, i) => {
        expect(after[name]?.[i]).toBeCloseTo(value, 5);
      });
      before[name] = after[name] ?? [];
    }
    // All else as it was.
    expect(after).toEqual(before);
    model.dispose();
  });

  it('mends averages that are wrong, over one epoch by default', async () => {
    const model = smallNet();
    for await (const event of train({ model, data, batchSize: 8, steps: 60, learningRate: 0.1 })) {
      expect(event.type === 'done' ? event.reason : 'completed').toBe('completed');
    }
    const norm = model.getLayer('norm');
    tf.tidy(() => {
      const [gamma, beta] = norm.getWeights() as [tf.Tensor, tf.Tensor];
      norm.setWeights([gamma, beta, tf.tensor1d([30, -30, 10, -20]), tf.tensor1d([100, 1, 1e-4, 5])]);
    });
    expect((await evaluate(model, data)).accuracy).toBeLessThan(0.8);
    const done: number[] = [];
    await recalibrateBatchNorm(model, data, { batchSize: 10, onBatch: (n) => done.push(n) });
    expect(done).toEqual([1, 2, 3, 4]);
    expect((await evaluate(model, data)).accuracy).toBeGreaterThan(0.9);
    model.dispose();
  });

  it('of one batch makes inference what it is with that batch’s own statistics', async () => {
    const model = twoNorms({ momentum: 0.9 });
    await recalibrateBatchNorm(model, data, { batchSize: 40, numBatches: 1 });
    const [running, batch] = [
      await evaluate(model, data, { batchSize: 40 }),
      await evaluate(model, data, { batchSize: 40, statistics: 'batch' }),
    ];
    expect(running.loss).toBeCloseTo(batch.loss, 5);
    model.dispose();
  });

  it('takes from the layers of @superconvergence/models what they collect, unbiased variances and groups', async () => {
    const options = { inputShape: [4, 4, 1], classes: 2, batchNormGroups: 2 } as const;
    const [model, twin] = [0.99, 0].map((batchNormMomentum) =>
      createModel('wrn-10-1', { ...options, batchNormMomentum, dropout: batchNormMomentum > 0 ? 0.5 : 0 }),
    ) as [tf.LayersModel, tf.LayersModel];
    await recalibrateBatchNorm(model, data, { batchSize: 20, numBatches: 1, seed: 5 });
    const { images } = data.batch({ epoch: 0, index: 0, batchSize: 20, seed: 5 });
    tf.tidy(() => {
      twin.apply(tf.tensor4d(images, [20, 4, 4, 1]), { training: true });
    });
    const [found, expected] = [await stateOf(model), await stateOf(twin)];
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => {
        expect(Math.abs((found[name]?.[i] ?? NaN) - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      });
    }
    for (const each of [model, twin]) each.dispose();
  });

  it('gives a layer that is used twice what its moving average tends to', async () => {
    const input = tf.input({ shape: [4, 4, 1] });
    const shared = tf.layers.batchNormalization({ name: 'shared', momentum: 0.5 });
    const scale = tf.layers.dense({ units: 1, kernelInitializer: 'ones', biasInitializer: 'ones' });
    const parts = [shared.apply(input), shared.apply(scale.apply(input))] as tf.SymbolicTensor[];
    const added = tf.layers.add().apply(parts) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: tf.layers.flatten().apply(added) as tf.SymbolicTensor });
    await recalibrateBatchNorm(model, data, { batchSize: 40, seed: 5 });
    const recalibrated = await stateOf(model);
    const { images } = data.batch({ epoch: 0, index: 0, batchSize: 40, seed: 5 });
    tf.tidy(() => {
      const x = tf.tensor4d(images, [40, 4, 4, 1]);
      for (let i = 0; i < 30; i++) model.apply(x, { training: true });
    });
    const tended = await stateOf(model);
    for (const name of ['shared/moving_mean', 'shared/moving_variance']) {
      expect(recalibrated[name]?.[0]).toBeCloseTo(tended[name]?.[0] ?? NaN, 4);
    }
    model.dispose();
    // tfjs counts uses of a layer, and a model gives back one.
    shared.dispose();
  });

  it.each([true, false])('interrupted leaves the averages as they were (compile: %s)', async (compile) => {
    const model = twoNorms({ momentum: 0.9 });
    const before = await stateOf(model);
    const controller = new AbortController();
    const options = {
      batchSize: 8,
      compile,
      signal: controller.signal,
      onBatch: (numDone: number) => {
        if (numDone === 5) controller.abort(new Error('enough'));
      },
    };
    await expect(recalibrateBatchNorm(model, data, options)).rejects.toThrow('enough');
    expect(await stateOf(model)).toEqual(before);
    model.dispose();
  });

  it.each([true, false])(
    'leaves the averages as they were where a layer fails (compile: %s)',
    async (compile) => {
      const model = twoNorms({ momentum: 0.9 });
      const before = await stateOf(model);
      model.getLayer('conv2').call = () => {
        throw new Error('broken');
      };
      await expect(recalibrateBatchNorm(model, data, { batchSize: 8, compile })).rejects.toThrow('broken');
      expect(await stateOf(model)).toEqual(before);
      model.dispose();
    },
  );

  it('names what is wrong', async () => {
    const [still, none] = [
      twoNorms({ momentum: 1 }),
      tf.sequential({ layers: [tf.layers.flatten({ inputShape: [4, 4, 1] })] }),
    ];
    const refused = (model: tf.LayersModel, options: { batchSize: number; numBatches?: number }) =>
      expect(recalibrateBatchNorm(model, data, options)).rejects;
    await refused(still, { batchSize: 8 }).toThrow(
      'batch normalisation norm1 must have a momentum in [0, 1), so that its averages move; got 1',
    );
    await refused(none, { batchSize: 8 }).toThrow('the model has no batch normalisation to recalibrate');
    await refused(still, { batchSize: 41 }).toThrow(/batchSize must be at most numSamples, 40/);
    await refused(still, { batchSize: 8, numBatches: 0 }).toThrow(
      'numBatches must be a positive integer; got 0',
    );
    for (const model of [still, none]) model.dispose();
  });
});
