import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import {
  fixtureBatch,
  readPytorchFixture,
  relativeError,
  setFixtureWeights,
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

describe.each(['resnet-20', 'wrn-16-2'] as const)('train() with %s against PyTorch', (name) => {
  it('takes the same steps of Nesterov momentum and weight decay, with the same losses and running statistics', async () => {
    const fixture = readPytorchFixture(name);
    const { learningRate, momentum, weightDecay } = fixture.optimizer;
    const model = createModel(name, { inputShape: fixture.imageShape });
    setFixtureWeights(model);
    const steps = fixture.losses.length;
    const batchSize = fixtureLabels(fixture, 0).length;
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
    expect(losses).toHaveLength(steps);

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

type Fixture = ReturnType<typeof readPytorchFixture>;

function fixtureLabels(fixture: Fixture, step: number): Int32Array {
  const { images, labels } = fixtureBatch(fixture, step);
  images.dispose();
  return labels.dataSync<'int32'>();
}

/** The fixture's batches, in the order of its steps. */
function fixtureData(fixture: Fixture): BatchSource {
  const batchSize = fixtureLabels(fixture, 0).length;
  return {
    numExamples: fixture.losses.length * batchSize,
    imageShape: fixture.imageShape,
    numClasses: 10,
    batch({ index }) {
      const { images, labels } = fixtureBatch(fixture, index);
      return { images: images.dataSync<'float32'>(), labels: labels.dataSync<'int32'>() };
    },
  };
}
