import * as tf from '@tensorflow/tfjs';
import { loadEngine } from '@superconvergence/engine';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelNames, modelVariant, summarise } from './index.ts';
import {
  fixtureBatch,
  fixtureModel,
  pytorchFixtureNames,
  readPytorchFixture,
  relativeError,
  type PytorchFixture,
  type TensorDigest,
} from './testing/pytorch-fixture.ts';
import { trainableVariables } from './testing/trainable-variables.ts';

/** ‖a − b‖₂ ≤ 1e-4 · ‖b‖₂ for every tensor. */
const TOLERANCE = 1e-4;

beforeAll(async () => {
  await loadEngine();
});

test('there is a fixture for every family of the table', () => {
  const inFixtures = pytorchFixtureNames.map((name) => readPytorchFixture(name).variant.family);
  const inTable = modelNames.map((name) => modelVariant(name).family);
  expect(new Set(inFixtures)).toEqual(new Set(inTable));
});

describe.each(pytorchFixtureNames)('%s against PyTorch', (name) => {
  const fixture = readPytorchFixture(name);
  let model: tf.LayersModel;
  beforeAll(() => {
    model = fixtureModel(fixture);
  });
  afterAll(() => {
    model.dispose();
  });

  test('the number of parameters', () => {
    expect(summarise(model).parameters).toBe(fixture.parameters);
  });

  test('training logits', () => {
    const { images, labels } = fixtureBatch(fixture, 0);
    const movingBefore = model.getWeights().map((weight) => weight.clone());
    const logits = model.apply(images, { training: true }) as tf.Tensor;
    expectClose(logits.dataSync(), fixture.logits);
    // The forward pass moved the running statistics; the steps below start from the beginning.
    model.setWeights(movingBefore);
    tf.dispose([images, labels, logits, movingBefore]);
  });

  test('gradients, losses, and weights and inference logits after five steps of SGD', () => {
    expect(fixture.losses).toHaveLength(5);
    const velocities = new Map<string, tf.Tensor>();
    fixture.losses.forEach((expectedLoss, step) => {
      const { images, labels } = fixtureBatch(fixture, step);
      const { loss, gradients } = lossAndGradients(model, images, labels);
      expect(Math.abs(loss / expectedLoss - 1), `loss of step ${step}`).toBeLessThanOrEqual(TOLERANCE);
      if (step === 0) expectGradients(gradients, fixture);
      nesterovStep(model, gradients, velocities, fixture.optimizer);
      tf.dispose([images, labels, [...gradients.values()]]);
    });
    for (const weight of model.weights) {
      const digest = fixture.afterSteps[weight.originalName];
      if (digest === undefined) throw new Error(`the fixture has no ${weight.originalName}`);
      const error = relativeError(weight.read().dataSync(), digest);
      expect(error, `${weight.originalName} after the steps`).toBeLessThanOrEqual(TOLERANCE);
    }
    expect(model.weights).toHaveLength(Object.keys(fixture.afterSteps).length);
    const { images, labels } = fixtureBatch(fixture, 0);
    const logits = model.predict(images) as tf.Tensor;
    expectClose(logits.dataSync(), fixture.evaluationLogits);
    tf.dispose([images, labels, logits, [...velocities.values()]]);
  });
});

function lossAndGradients(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): { loss: number; gradients: Map<string, tf.Tensor> } {
  const variables = trainableVariables(model);
  const { value, grads } = tf.variableGrads(
    () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor2D, labels).mean(),
    variables,
  );
  const loss = value.dataSync()[0] ?? NaN;
  value.dispose();
  const gradients = new Map<string, tf.Tensor>();
  for (const weight of model.trainableWeights) {
    const gradient = grads[weight.name];
    if (gradient === undefined) throw new Error(`${weight.originalName} has no gradient`);
    gradients.set(weight.originalName, gradient);
  }
  return { loss, gradients };
}

function expectGradients(gradients: Map<string, tf.Tensor>, fixture: PytorchFixture): void {
  expect([...gradients.keys()].sort()).toEqual(Object.keys(fixture.gradients).sort());
  for (const [name, gradient] of gradients) {
    const digest = fixture.gradients[name];
    const kernel = fixture.gradients[name.replace(/bias$/, 'kernel')];
    if (digest === undefined) throw new Error(`the fixture has no gradient of ${name}`);
    const scale = isZero(digest, kernel) ? kernel?.norm : undefined;
    expect(relativeError(gradient.dataSync(), digest, scale), `gradient of ${name}`).toBeLessThanOrEqual(
      TOLERANCE,
    );
  }
}

/**
 * Whether the true gradient of a bias is 0, because batch normalisation cancels it, and all there is is rounding: 1e-16
 * of the kernel's in the fixture's float64. Then it is measured against the kernel's.
 */
function isZero(bias: TensorDigest, kernel: TensorDigest | undefined): boolean {
  return kernel !== undefined && bias.norm < 1e-12 * kernel.norm;
}

/** torch.optim.SGD: g += decay·w (kernels only), v = m·v + g, w −= rate·(g + m·v); v starts as g. */
function nesterovStep(
  model: tf.LayersModel,
  gradients: Map<string, tf.Tensor>,
  velocities: Map<string, tf.Tensor>,
  { learningRate, momentum, weightDecay }: PytorchFixture['optimizer'],
): void {
  for (const weight of model.trainableWeights) {
    const name = weight.originalName;
    const velocity = tf.tidy(() => {
      const decay = name.endsWith('kernel') ? weightDecay : 0;
      const gradient = (gradients.get(name) ?? tf.zeros([0])).add(weight.read().mul(decay));
      const nextVelocity = (velocities.get(name) ?? tf.zerosLike(gradient)).mul(momentum).add(gradient);
      weight.write(weight.read().sub(gradient.add(nextVelocity.mul(momentum)).mul(learningRate)));
      return nextVelocity;
    });
    velocities.get(name)?.dispose();
    velocities.set(name, velocity);
  }
}

function expectClose(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  const error = Math.hypot(...expected.map((value, index) => value - (actual[index] ?? NaN)));
  expect(error / Math.hypot(...expected)).toBeLessThanOrEqual(TOLERANCE);
}
