import { loadEngine } from '@superconvergence/engine';
import {
  fixtureBatch,
  fixtureModel,
  pytorchFixtureNames,
  readPytorchFixture,
  relativeError,
  type PytorchFixture,
} from '@superconvergence/models/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchSource } from './batch-source.ts';
import { modelVariables } from './model-variables.ts';
import { train } from './train.ts';
import { readVariables } from './training-state.ts';

/** ‖a − b‖₂ ≤ 1e-4 · ‖b‖₂ for every tensor. */
const tolerance = 1e-4;

beforeAll(async () => {
  await loadEngine();
});

describe.each(pytorchFixtureNames)('train() with %s against PyTorch', (name) => {
  it('takes the same five steps of Nesterov momentum and weight decay, with the same losses and running statistics', async () => {
    const fixture = readPytorchFixture(name);
    const { learningRate, momentum, weightDecay } = fixture.optimizer;
    const model = fixtureModel(fixture);
    const { batchSize } = fixture;
    const steps = 5;
    const losses: number[] = [];
    const data = fixtureData(fixture);
    for await (const event of train({
      model,
      data,
      batchSize,
      steps,
      learningRate,
      momentum,
      weightDecay,
      logEvery: 1,
    })) {
      if (event.type === 'step') losses.push(event.loss);
    }
    losses.forEach((loss, step) => {
      expect(Math.abs(loss / (fixture.losses[step] ?? NaN) - 1), `loss of step ${step}`).toBeLessThanOrEqual(
        tolerance,
      );
    });
    expect(losses).toHaveLength(fixture.losses.length);

    const variables = await readVariables(modelVariables(model));
    expect(Object.keys(variables).sort()).toEqual(Object.keys(fixture.afterSteps).sort());
    for (const [variable, digest] of Object.entries(fixture.afterSteps)) {
      expect(relativeError(variables[variable]?.values ?? [], digest), variable).toBeLessThanOrEqual(
        tolerance,
      );
    }
    model.dispose();
  });
});

/** The fixture's batches, in the order of its steps. */
function fixtureData(fixture: PytorchFixture): BatchSource {
  return {
    numExamples: fixture.losses.length * fixture.batchSize,
    imageShape: fixture.imageShape,
    numClasses: fixture.classes,
    batch({ index }) {
      const { images, labels } = fixtureBatch(fixture, index);
      const batch = { images: images.dataSync<'float32'>(), labels: labels.dataSync<'int32'>() };
      images.dispose();
      labels.dispose();
      return batch;
    },
  };
}
