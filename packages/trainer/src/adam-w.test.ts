import { readFileSync } from 'node:fs';
import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adamW } from './adam-w.ts';
import { leftOrRight, smallNet } from './testing/small-problem.ts';
import { train, type TrainEvent, type TrainOptions } from './train.ts';

/** What fixtures/pytorch/generate.py writes for torch.optim.AdamW. */
interface Fixture {
  readonly beta2: number;
  readonly epsilon: number;
  readonly initial: number[];
  readonly steps: readonly (Record<'learningRate' | 'beta1' | 'weightDecay', number> &
    Record<'gradient' | 'decayed' | 'undecayed', number[]>)[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/pytorch/adamw.json', import.meta.url), 'utf8'),
) as Fixture;

beforeAll(async () => {
  await loadEngine();
});

describe('adamW', () => {
  let tensorsBefore = 0;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it.each(['tensorflow', 'cpu'])('takes the steps of torch.optim.AdamW on backend %s', async (backend) => {
    await tf.setBackend(backend);
    const variables = ['layer/kernel', 'layer/bias'].map((name) => ({
      name,
      variable: tf.tidy(() => tf.variable(tf.tensor1d(fixture.initial))),
    }));
    const { beta2, epsilon } = fixture;
    const optimizer = adamW({ beta2, epsilon })(variables);
    for (const step of fixture.steps) {
      tf.tidy(() => {
        const gradient = tf.tensor1d(step.gradient);
        optimizer.update([gradient, gradient], {
          learningRate: tf.scalar(step.learningRate),
          momentum: tf.scalar(step.beta1),
          weightDecay: tf.scalar(step.weightDecay),
        });
      });
      for (const [i, expected] of [step.decayed, step.undecayed].entries()) {
        const actual = Array.from(variables[i]?.variable.dataSync() ?? []);
        expect(actual).toHaveLength(expected.length);
        actual.forEach((value, entry) => {
          expect(Math.abs(value - (expected[entry] ?? NaN))).toBeLessThanOrEqual(1e-6);
        });
      }
    }
    optimizer.dispose();
    for (const { variable } of variables) variable.dispose();
    await tf.setBackend('tensorflow');
  });

  it('keeps two slots a variable and a counter, under names of their own', () => {
    const variable = tf.tidy(() => tf.variable(tf.zeros([2, 3])));
    const optimizer = adamW()([{ name: 'head/kernel', variable }]);
    expect(optimizer.slots.map((slot) => [slot.name, slot.variable.shape])).toEqual([
      ['head/kernel/firstMoment', [2, 3]],
      ['head/kernel/secondMoment', [2, 3]],
      ['adamW/step', []],
    ]);
    expect(() => {
      tf.tidy(() => {
        const scalar = tf.scalar(0);
        optimizer.update([], { learningRate: scalar, momentum: scalar, weightDecay: scalar });
      });
    }).toThrow(new RangeError('no gradient for head/kernel'));
    optimizer.dispose();
    variable.dispose();
  });

  it('learns, and goes on from a checkpoint bit for bit', async () => {
    const options = {
      data: leftOrRight(32),
      batchSize: 8,
      steps: 12,
      learningRate: 0.02,
      weightDecay: 0.01,
      optimizer: adamW(),
      logEvery: 6,
      checkpointEvery: 6,
    };
    const whole = await run(options);
    const checkpoint = whole.find((event) => event.type === 'checkpoint');
    const resumed = await run({ ...options, startFrom: checkpoint?.state });
    expect(losses(resumed)).toEqual(losses(whole).slice(1));
    expect(losses(whole)[1]).toBeLessThan(losses(whole)[0] ?? 0);
  });

  it('refuses options out of range', () => {
    expect(() => adamW({ beta2: 1 })).toThrow(new RangeError('beta2 must be in [0, 1); got 1'));
    expect(() => adamW({ epsilon: -1 })).toThrow('epsilon must be a number, at least 0; got -1');
  });
});

async function run(options: Omit<TrainOptions, 'model'>): Promise<TrainEvent[]> {
  const model = smallNet();
  const events: TrainEvent[] = [];
  for await (const event of train({ model, ...options })) events.push(event);
  model.dispose();
  return events;
}

function losses(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
}
