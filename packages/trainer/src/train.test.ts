import { loadEngine } from '@superconvergence/engine';
import { linear, oneCycle } from '@superconvergence/schedules';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrainerError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { modelVariables } from './model-variables.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { train, type TrainEvent, type TrainOptions } from './train.ts';
import { readVariables, type TrainingState } from './training-state.ts';

beforeAll(async () => {
  await loadEngine();
});

const data = leftOrRight(160);
const schedules = oneCycle({ totalSteps: 40, maxLearningRate: 0.3 });

async function run(options: Partial<TrainOptions> = {}) {
  const model = smallNet();
  const events: TrainEvent[] = [];
  for await (const event of train({
    model,
    data,
    batchSize: 16,
    steps: 40,
    ...schedules,
    seed: 3,
    ...options,
  }))
    events.push(event);
  const weights = await readVariables(modelVariables(model));
  const { accuracy } = await evaluate(model, data);
  model.dispose();
  return { events, weights, accuracy };
}

const ofType = <T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T) =>
  events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);

describe('train', () => {
  it('learns, logs means and the values it used, and ends with done', async () => {
    const { events, accuracy } = await run();
    const steps = ofType(events, 'step');
    expect(steps.map(({ step }) => step)).toEqual([10, 20, 30, 40]);
    expect(steps.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(steps.map(({ learningRate }) => learningRate)).toEqual(
      [9, 19, 29, 39].map((step) => schedules.learningRate(step)),
    );
    expect(steps.map(({ momentum }) => momentum)).toEqual(
      [9, 19, 29, 39].map((step) => schedules.momentum(step)),
    );
    expect(steps.at(-1)?.loss).toBeLessThan((steps[0]?.loss ?? NaN) / 2);
    expect(events.at(-1)).toEqual({ type: 'done', step: 40, reason: 'completed' });
    expect(accuracy).toBeGreaterThan(0.95);
  });

  it('gives the same weights, bit for bit, for the same seed, and others for another', async () => {
    const [first, second, other] = [await run(), await run(), await run({ seed: 4 })];
    expect(second.weights).toEqual(first.weights);
    expect(other.weights).not.toEqual(first.weights);
  });

  it('stopped between two log lines and gone on with, ends where an unbroken run ends', async () => {
    const whole = await run();
    const controller = new AbortController();
    const countToAbort = {
      ...data,
      batch: (request: Parameters<typeof data.batch>[0]) => {
        // A batch is made while the step before it runs.
        if (request.epoch === 1 && request.index === 7) controller.abort();
        return data.batch(request);
      },
    };
    const broken = await run({ data: countToAbort, signal: controller.signal });
    const state = ofType(broken.events, 'checkpoint').at(-1)?.state as TrainingState;
    expect(state.step).toBe(17);
    expect(broken.events.at(-1)).toEqual({ type: 'done', step: 17, reason: 'aborted' });

    const rest = await run({ startFrom: state });
    expect(rest.weights).toEqual(whole.weights);
    const losses = (events: readonly TrainEvent[]) =>
      ofType(events, 'step').map(({ step, loss }) => ({ step, loss }));
    expect([...losses(broken.events), ...losses(rest.events)]).toEqual(losses(whole.events));
  });

  it('gives checkpoints as often as asked, none at the end', async () => {
    const { events } = await run({ checkpointEvery: 20 });
    expect(ofType(events, 'checkpoint').map(({ step }) => step)).toEqual([20]);
  });

  it('evaluates as often as asked and at the end', async () => {
    const { events } = await run({ evaluation: { data: leftOrRight(10), every: 15, batchSize: 4 } });
    const evaluations = ofType(events, 'evaluation');
    expect(evaluations.map(({ step }) => step)).toEqual([15, 30, 40]);
    expect(evaluations.every(({ numExamples }) => numExamples === 10)).toBe(true);
  });

  it('calls divergence a result', async () => {
    const { events } = await run({ learningRate: 1e30, momentum: 0 });
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'diverged' });
  });

  it('refuses a checkpoint of another network, naming the tensor', async () => {
    const startFrom: TrainingState = { step: 1, lossSum: 0, tensors: {} };
    await expect(run({ startFrom })).rejects.toThrow(TrainerError);
    await expect(run({ startFrom })).rejects.toThrow(/conv\/kernel is missing in the checkpoint/);
  });

  it('names wrong arguments', async () => {
    await expect(run({ steps: 0 })).rejects.toThrow(/steps must be a positive integer; got 0/);
    await expect(run({ batchSize: 161 })).rejects.toThrow(
      /batchSize must be at most numSamples, 160, with dropLast, got 161/,
    );
    await expect(run({ logEvery: 1.5 })).rejects.toThrow(/logEvery .* 1.5/);
  });

  it('keeps no tensors, also when the caller leaves the loop', async () => {
    const model = smallNet();
    const before = tf.memory().numTensors;
    for await (const event of train({
      model,
      data,
      batchSize: 16,
      steps: 40,
      learningRate: linear({ from: 0, to: 1, steps: 40 }),
    })) {
      if (event.type === 'step') break;
    }
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
