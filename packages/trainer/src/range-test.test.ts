import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelVariables } from './model-variables.ts';
import { rangeTest } from './range-test.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { readVariables } from './training-state.ts';

beforeAll(async () => {
  await loadEngine();
});

const data = leftOrRight(160);
const validation = leftOrRight(40);

describe('rangeTest', () => {
  it('follows the rate from the minimum to the maximum and leaves the model as it was', async () => {
    const model = smallNet();
    const before = await readVariables(modelVariables(model));
    const numTensors = tf.memory().numTensors;
    const seen: number[] = [];
    const { points, stopped } = await rangeTest({
      model,
      data,
      validation,
      batchSize: 16,
      steps: 60,
      minimum: 0.01,
      maximum: 0.6,
      numPoints: 20,
      // So easy a problem has a loss near 0, beside which any later one looks like an explosion.
      stopFactor: 1e6,
      onPoint: ({ step }) => seen.push(step),
    });
    expect(stopped).toBe('range-done');
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => 3 * (i + 1)));
    expect(seen).toEqual(points.map(({ step }) => step));
    // Step 60 is the update number 59, the last: exactly the maximum.
    expect(points.at(-1)?.learningRate).toBe(0.6);
    expect(points[0]?.learningRate).toBeCloseTo(0.01 + (0.59 * 2) / 59, 12);
    expect(points.at(-1)?.validationLoss).toBeLessThan(points[0]?.validationLoss ?? 0);
    expect(await readVariables(modelVariables(model))).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
    model.dispose();
  });

  it('stops when the validation loss explodes, and suggests the rate before', async () => {
    const model = smallNet();
    const { points, stopped, suggestion } = await rangeTest({
      model,
      data,
      validation,
      batchSize: 16,
      steps: 100,
      minimum: 1e-3,
      maximum: 1e4,
      scale: 'exponential',
    });
    expect(['loss-exploded', 'diverged']).toContain(stopped);
    expect(points.length).toBeLessThan(50);
    expect(suggestion.status).toBe('found');
    if (suggestion.status === 'found')
      expect(suggestion.maximum).toBeLessThan(points.at(-1)?.learningRate ?? 0);
    model.dispose();
  });

  it('names wrong arguments', async () => {
    const model = smallNet();
    const options = { model, data, validation, batchSize: 16, steps: 10 };
    await expect(rangeTest({ ...options, minimum: 2, maximum: 1 })).rejects.toThrow(
      /0 < minimum < maximum; got 2 and 1/,
    );
    await expect(rangeTest({ ...options, numPoints: 11 })).rejects.toThrow(/numPoints .* 10; got 11/);
    await expect(rangeTest({ ...options, numPoints: 5, stopFactor: 1 })).rejects.toThrow(/stopFactor .* 1/);
    model.dispose();
  });
});
