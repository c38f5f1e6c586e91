import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './index.ts';
import { disposeLater } from './testing/dispose-later.ts';
import { loadNative, relativeError } from './testing/native.ts';

beforeAll(loadNative);

/** A network of stock layers with everything that trains in its own way, the same at every call. */
function stockNetwork(): tf.LayersModel {
  const normal = (seed: number) => tf.initializers.randomNormal({ mean: 0, stddev: 0.3, seed });
  const kernelInitializer = normal(1);
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 3],
        filters: 4,
        kernelSize: 3,
        kernelInitializer,
        useBias: false,
      }),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: normal(2) }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5, kernelInitializer: normal(3), activation: 'softmax' }),
    ],
  });
}

const optimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.05, 0.9),
  'Nesterov momentum': () => tf.train.momentum(0.05, 0.9, true),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01, 0.9, 0.999, 1e-7, 0.1),
  adadelta: () => tf.train.adadelta(0.5),
  adagrad: () => tf.train.adagrad(0.05),
};

function createStep(model: tf.LayersModel, optimizer: tf.Optimizer) {
  const isVariable = (tensor: tf.Tensor): tensor is tf.Variable => tensor instanceof tf.Variable;
  const weights = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  return (x: tf.Tensor, y: tf.Tensor) => {
    const loss = () =>
      tf.metrics
        .categoricalCrossentropy(y, model.apply(x, { training: true }) as tf.Tensor)
        .mean<tf.Scalar>();
    const { value, grads } = tf.variableGrads(loss, weights);
    optimizer.applyGradients(grads);
    return value;
  };
}

const images = () => tf.randomNormal([6, 8, 8, 3], 0, 1, 'float32', 5);
const labels = () => tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 0], 'int32'), 5);
const weightsOf = (model: tf.LayersModel) =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

describe.each(Object.entries(optimizers))('stock %s', (_name, createOptimizer) => {
  it('does compiled what it does eagerly: losses, weights, moving averages, its own state', async () => {
    const [x, y] = [images(), labels()];
    const [eagerModel, model] = [stockNetwork(), stockNetwork()];
    const [eagerOptimizer, optimizer] = [createOptimizer(), createOptimizer()];
    const eagerStep = createStep(eagerModel, eagerOptimizer);
    const step = disposeLater(compile(createStep(model, optimizer)));
    for (let i = 0; i < 5; i++) {
      const expected = tf.tidy(() => eagerStep(x, y).dataSync()[0] ?? NaN);
      const found = (await step(x, y)).dataSync()[0] ?? NaN;
      expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.abs(expected));
    }
    expect(relativeError(weightsOf(model), weightsOf(eagerModel))).toBeLessThan(1e-5);
    expect(optimizer.iterations).toBe(5);
    if (optimizer instanceof tf.AdamaxOptimizer) return; // Its getWeights is missing in tfjs 4.22.
    const [state, expectedState] = [await optimizer.getWeights(), await eagerOptimizer.getWeights()];
    expect(state.length).toBe(expectedState.length);
    for (const [i, { tensor }] of state.entries()) {
      const expected = expectedState[i]?.tensor.dataSync() ?? [];
      expect(relativeError(tensor.dataSync(), expected)).toBeLessThan(1e-4);
    }
  });
});

describe('a learning rate that changes', () => {
  it.each(['sgd', 'Nesterov momentum', 'adam'])(
    'reaches the next step of %s without a new recording',
    async (name) => {
      const createOptimizer = optimizers[name] as () => tf.SGDOptimizer;
      const w = tf.variable(tf.tensor1d([1, 2]));
      const expectedW = tf.variable(tf.tensor1d([1, 2]));
      const [optimizer, expectedOptimizer] = [createOptimizer(), createOptimizer()];
      let numRecorded = 0;
      const step = disposeLater(
        compile(() => {
          numRecorded += 1;
          optimizer.minimize(() => w.square().sum(), false, [w]);
        }),
      );
      const setRate = (target: tf.Optimizer, rate: number) => {
        if ('setLearningRate' in target) (target as tf.SGDOptimizer).setLearningRate(rate);
        else (target as unknown as { learningRate: number }).learningRate = rate;
      };
      const recordings = [];
      for (const rate of [0.1, 0.01, 1, 0.1]) {
        for (const each of [optimizer, expectedOptimizer]) setRate(each, rate);
        await step();
        expectedOptimizer.minimize(() => expectedW.square().sum(), false, [expectedW]);
        expect(relativeError(w.dataSync(), expectedW.dataSync())).toBeLessThan(1e-6);
        recordings.push(numRecorded);
      }
      expect(new Set(recordings).size).toBe(1);
    },
  );

  it('is found in an optimiser of the user by its configuration, and recorded anew', async () => {
    class HalfRate extends tf.SGDOptimizer {
      override applyGradients(gradients: { name: string; tensor: tf.Tensor }[]): void {
        for (const { name, tensor } of gradients) {
          const variable = tf.engine().state.registeredVariables[name] as tf.Variable;
          variable.assign(variable.sub(tensor.mul(this.learningRate / 2)));
        }
      }
    }
    const w = tf.variable(tf.scalar(1));
    const optimizer = new HalfRate(1);
    const step = disposeLater(
      compile(() => {
        optimizer.minimize(() => w.square(), false, [w]);
      }),
    );
    await step();
    expect(w.dataSync()[0]).toBe(0);
    w.assign(tf.scalar(1));
    optimizer.setLearningRate(0.5);
    await step();
    expect(w.dataSync()[0]).toBe(0.5);
  });

  it('is found after setWeights, which replaces the variables of an optimiser', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = tf.train.adam(0.1);
    const step = disposeLater(
      compile(() => {
        optimizer.minimize(() => w.square().sum(), false, [w]);
      }),
    );
    await step();
    const saved = (await optimizer.getWeights()).map(({ name, tensor }) => ({
      name,
      tensor: tensor.clone(),
    }));
    const savedW = w.clone();
    await step();
    const expected = Array.from(w.dataSync());
    await step();
    await optimizer.setWeights(saved);
    w.assign(savedW);
    await step();
    expect(relativeError(w.dataSync(), expected)).toBeLessThan(1e-6);
  });
});

describe('a stock model around compiled steps', () => {
  it('predicts, saves and takes weights as if nothing had been compiled', async () => {
    const model = stockNetwork();
    const step = disposeLater(compile(createStep(model, tf.train.sgd(0.1))));
    const [x, y] = [images(), labels()];
    const start = model.getWeights().map((weight) => tf.tensor(weight.dataSync().slice(), weight.shape));
    const predict = () => Array.from((model.predict(x) as tf.Tensor).dataSync());
    const atStart = predict();
    await step(x, y);
    const afterOne = predict();
    expect(relativeError(afterOne, atStart)).toBeGreaterThan(1e-3);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts));
    expect(relativeError((loaded.predict(x) as tf.Tensor).dataSync(), afterOne)).toBeLessThan(1e-6);
    await step(x, y);
    model.setWeights(start);
    expect(predict()).toEqual(atStart);
    await step(x, y);
    expect(relativeError(predict(), afterOne)).toBeLessThan(1e-6);
  });
});
