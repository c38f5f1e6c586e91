import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { expect, test } from 'vitest';
import { createModel, modelVariant, summarise, type ModelName, type ModelVariant } from '../index.ts';
import { trainableVariables } from './trainable-variables.ts';
import { isCancelled, ownLayersOf, STOCK_LAYERS, type ExpectedModel } from './zoo-expectations.ts';

/** Defines the tests that every network must pass. The native engine must be loaded before they run. */
export function testModel({ name, parameters, multiplyAccumulates, batchSize }: ExpectedModel): void {
  test(`${name}: shapes, counts, gradients, saving, seeds and disposal`, async () => {
    const variant = modelVariant(name);
    const { classes, inputShape } = variant;
    const tensorsBefore = tf.memory().numTensors;
    const model = createModel(name, { seed: 1 });
    expect(model.outputShape).toEqual([null, classes]);

    const summary = summarise(model);
    expect(summary.parameters).toBe(parameters);
    expect(summary.multiplyAccumulates).toBe(multiplyAccumulates);

    expectSameSeedSameWeights(model, name);

    const images = tf.randomUniform<tf.Rank.R4>([batchSize, ...inputShape], -1, 1, 'float32', 3);
    const labels = tf.tensor1d(
      Array.from({ length: batchSize }, (_, index) => index % classes),
      'int32',
    );
    // Fixup starts with layers at 0: the classifier's gradient comes first, then the blocks' ends, then all.
    if (variant.family === 'fixup-wide-resnet') gradientSteps(model, images, labels, 2);
    expectEveryGradient(model, variant, images, labels);
    await expectSavedModelIsTheSame(model, variant, images);
    await expectFrozenStaysFrozen(model);
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

function lossGradients(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): ReturnType<typeof tf.variableGrads> {
  const dropoutSeed = tf.tensor1d([1, 2], 'int32');
  const loss = (): tf.Scalar =>
    softmaxCrossEntropy(model.apply(images, { training: true, dropoutSeed }) as tf.Tensor2D, labels).mean();
  const result = tf.variableGrads(loss, trainableVariables(model));
  dropoutSeed.dispose();
  return result;
}

/** Plain gradient descent. */
function gradientSteps(model: tf.LayersModel, images: tf.Tensor4D, labels: tf.Tensor1D, count: number): void {
  for (let step = 0; step < count; step++) {
    const { value, grads } = lossGradients(model, images, labels);
    tf.tidy(() => {
      for (const weight of model.trainableWeights) {
        weight.write(weight.read().sub((grads[weight.name] as tf.Tensor).mul(0.1)));
      }
    });
    tf.dispose([value, grads]);
  }
}

/** Every trainable parameter gets a finite gradient that is not zero. */
function expectEveryGradient(
  model: tf.LayersModel,
  variant: ModelVariant,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): void {
  const { value, grads } = lossGradients(model, images, labels);
  expect(Number.isFinite(value.dataSync()[0])).toBe(true);
  const norms = model.trainableWeights.map((weight) => {
    const norm = tf.tidy(() => grads[weight.name]?.norm().dataSync()[0] ?? NaN);
    return { name: weight.originalName, norm };
  });
  expect(norms.filter(({ norm }) => !Number.isFinite(norm))).toEqual([]);
  expect(norms.filter(({ name, norm }) => norm < 1e-10 && !isCancelled(variant, name))).toEqual([]);
  tf.dispose([value, grads]);
}

/** Saved and loaded, by stock tfjs alone if it can be, a model (with moved running statistics) computes the same. */
async function expectSavedModelIsTheSame(
  model: tf.LayersModel,
  variant: ModelVariant,
  images: tf.Tensor4D,
): Promise<void> {
  const loaded = await saveAndLoad(model);
  const ownLayers = new Set(
    loaded.layers.map((layer) => layer.getClassName()).filter((type) => !STOCK_LAYERS.has(type)),
  );
  expect([...ownLayers].sort()).toEqual(ownLayersOf(variant).sort());
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

/** Every second layer frozen: what is trainable is still so after saving and loading. */
async function expectFrozenStaysFrozen(model: tf.LayersModel): Promise<void> {
  for (const [i, layer] of model.layers.entries()) layer.trainable = i % 2 === 0;
  const loaded = await saveAndLoad(model);
  const trainable = ({ trainableWeights }: tf.LayersModel): string[] =>
    trainableWeights.map(({ originalName }) => originalName);
  expect(trainable(loaded)).toEqual(trainable(model));
  expect(trainable(model).length).toBeLessThan(model.weights.length);
  loaded.dispose();
}

async function saveAndLoad(model: tf.LayersModel): Promise<tf.LayersModel> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
