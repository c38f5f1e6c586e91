import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { expect, test } from 'vitest';
import { createModel, modelVariant, summarise, type ModelName } from '../index.ts';
import { trainableVariables } from './trainable-variables.ts';

/** What a network must be. */
export type ExpectedModel = {
  name: ModelName;
  /** Trainable parameters: published, or counted by hand. */
  parameters: number;
  /** Millions of multiply-accumulates per image, published or counted by hand, to the digits given. */
  megaMultiplyAccumulates: number;
  /** Images for the gradient check: enough that the last batch normalisation has something to normalise. */
  batchSize: number;
};

/** Classes of tfjs-layers and Keras: a model saved with these needs nothing of this package. */
const STOCK_LAYERS = new Set([
  'Add',
  'AveragePooling2D',
  'BatchNormalization',
  'Conv2D',
  'Dense',
  'GlobalAveragePooling2D',
  'InputLayer',
  'MaxPooling2D',
  'ReLU',
  'ZeroPadding2D',
]);

/** Defines the tests that every network must pass. The native engine must be loaded before they run. */
export function testModel({ name, parameters, megaMultiplyAccumulates, batchSize }: ExpectedModel): void {
  test(`${name}: shapes, counts, gradients, saving, seeds and disposal`, async () => {
    const { classes, inputShape } = modelVariant(name);
    const tensorsBefore = tf.memory().numTensors;
    const model = createModel(name, { seed: 1 });
    expect(model.outputShape).toEqual([null, classes]);

    const summary = summarise(model);
    expect(summary.parameters).toBe(parameters);
    expect(Math.abs(summary.multiplyAccumulates / 1e6 / megaMultiplyAccumulates - 1)).toBeLessThan(0.006);

    expectSameSeedSameWeights(model, name);

    const images = tf.randomUniform<tf.Rank.R4>([batchSize, ...inputShape], -1, 1, 'float32', 3);
    const labels = tf.tensor1d(
      Array.from({ length: batchSize }, (_, index) => index % classes),
      'int32',
    );
    expectEveryGradient(model, images, labels);
    await expectSavedModelIsTheSame(model, images);
    tf.dispose([images, labels]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
}

function expectSameSeedSameWeights(model: tf.LayersModel, name: ModelName): void {
  const twin = createModel(name, { seed: 1 });
  model.weights.forEach((weight, index) => {
    const other = twin.weights[index];
    expect(other?.originalName).toBe(weight.originalName);
    const [ours, theirs] = [weight.read().dataSync(), other?.read().dataSync() ?? []];
    expect(Buffer.compare(bytes(ours as Float32Array), bytes(theirs as Float32Array))).toBe(0);
  });
  twin.dispose();
}

/** Every trainable parameter gets a finite gradient that is not zero. */
function expectEveryGradient(model: tf.LayersModel, images: tf.Tensor4D, labels: tf.Tensor1D): void {
  const { value, grads } = tf.variableGrads(
    () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor2D, labels).mean(),
    trainableVariables(model),
  );
  expect(Number.isFinite(value.dataSync()[0])).toBe(true);
  const norms = model.trainableWeights.map((weight) => {
    const norm = tf.tidy(() => grads[weight.name]?.norm().dataSync()[0] ?? NaN);
    return { name: weight.originalName, norm };
  });
  expect(norms.filter(({ norm }) => !Number.isFinite(norm))).toEqual([]);
  // Batch normalisation cancels a bias before it: its true gradient is 0.
  expect(norms.filter(({ name, norm }) => norm < 1e-10 && !/conv\d?\/bias$/.test(name))).toEqual([]);
  tf.dispose([value, grads]);
}

/** Saved and loaded by stock tfjs, a model (with moved running statistics) computes the same. */
async function expectSavedModelIsTheSame(model: tf.LayersModel, images: tf.Tensor4D): Promise<void> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  expect(
    loaded.layers.map((layer) => layer.getClassName()).filter((type) => !STOCK_LAYERS.has(type)),
  ).toEqual([]);
  expect(loaded.weights.map((weight) => weight.originalName)).toEqual(
    model.weights.map((weight) => weight.originalName),
  );
  tf.tidy(() => {
    const ours = model.predict(images) as tf.Tensor;
    const theirs = loaded.predict(images) as tf.Tensor;
    const scale = ours.norm().dataSync()[0] ?? NaN;
    expect(scale).toBeGreaterThan(0);
    expect(ours.sub(theirs).norm().dataSync()[0] ?? NaN).toBeLessThanOrEqual(1e-5 * scale);
  });
  loaded.dispose();
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
