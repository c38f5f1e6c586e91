import { compile } from '@superconvergence/compile';
import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelVariables, trainableVariables } from './model-variables.ts';
import { sgd } from './sgd.ts';
import { trainingStep, type TrainingStepOptions } from './training-step.ts';

beforeAll(async () => {
  await loadEngine({ fallback: 'error', quiet: true });
});

const scalars = () => ({
  learningRate: tf.scalar(0.1),
  momentum: tf.scalar(0.9),
  weightDecay: tf.scalar(5e-4),
});
const batch = (size: number) =>
  [
    tf.randomNormal<tf.Rank.R4>([size, 8, 8, 3], 0, 1, 'float32', 1),
    tf.tensor1d(
      Array.from({ length: size }, (_, i) => i % 10),
      'int32',
    ),
  ] as const;

/** Losses and every variable after two steps. */
async function twoSteps(
  options: TrainingStepOptions,
  settings: { eager: boolean; batchNormGroups?: number },
) {
  const { eager, batchNormGroups = 1 } = settings;
  const model = createModel('resnet-8', { inputShape: [8, 8, 3], batchNormGroups, batchNormMomentum: 0 });
  const optimizer = sgd()(trainableVariables(model));
  const step = compile(trainingStep(model, optimizer, options), { eager });
  const [images, labels] = batch(12);
  const losses = [];
  for (let i = 0; i < 2; i++) losses.push((await step(images, labels, scalars())).dataSync()[0] ?? NaN);
  const values = new Map(
    modelVariables(model).map(({ name, variable }) => [name, variable.dataSync().slice()]),
  );
  step.dispose();
  optimizer.dispose();
  model.dispose();
  return { losses, values };
}

function expectNear(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void {
  for (let i = 0; i < b.length; i++) {
    expect(Math.abs((a[i] ?? NaN) - (b[i] ?? NaN))).toBeLessThan(tolerance * (1 + Math.abs(b[i] ?? NaN)));
  }
}

describe('towers', () => {
  it('do what ghost batch normalisation over the same parts does', async () => {
    const towers = await twoSteps({ towers: 3 }, { eager: true });
    const ghost = await twoSteps({}, { eager: true, batchNormGroups: 3 });
    expectNear(towers.losses, ghost.losses, 1e-5);
    for (const [name, values] of ghost.values) {
      // The moving averages take in the parts in turn, the last one last.
      if (!name.includes('moving')) expectNear(towers.values.get(name) ?? [], values, 1e-4);
    }
  });

  it('do the same compiled, each on a device of its own name', async () => {
    const eager = await twoSteps({ towers: 2 }, { eager: true });
    const devices = ['/device:CPU:0', '/device:GPU:1'];
    const compiled = await twoSteps({ towers: 2, devices }, { eager: false });
    expectNear(compiled.losses, eager.losses, 1e-5);
    for (const [name, values] of eager.values) expectNear(compiled.values.get(name) ?? [], values, 1e-4);
  });

  it('name a batch that they cannot share', () => {
    const model = createModel('resnet-8', { inputShape: [8, 8, 3] });
    const optimizer = sgd()(trainableVariables(model));
    const [images, labels] = batch(3);
    expect(() => trainingStep(model, optimizer, { towers: 2 })(images, labels, scalars())).toThrow(
      new RangeError("a batch of 3 can't be split evenly into 2 towers"),
    );
    expect(() => trainingStep(model, optimizer, { towers: 0 })).toThrow(RangeError);
  });
});
