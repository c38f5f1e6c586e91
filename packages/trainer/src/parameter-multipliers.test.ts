import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW } from './adam-w.ts';
import { decayEverything, decayKernels, type ParameterMultipliers } from './parameter-multipliers.ts';
import { sgd, type Optimizer } from './sgd.ts';

beforeAll(async () => {
  await loadEngine();
});

const names = ['stem/conv/kernel', 'stem/norm/gamma', 'head/dense/kernel', 'head/dense/bias'];

function update(optimizer: Optimizer): void {
  tf.tidy(() => {
    optimizer.update(
      names.map(() => tf.tensor1d([1])),
      { learningRate: tf.scalar(0.1), momentum: tf.scalar(0.5), weightDecay: tf.scalar(0.2) },
    );
  });
}

const optimizers = {
  sgd: (multipliers?: ParameterMultipliers) => sgd(multipliers && { multipliers }),
  adamW: (multipliers?: ParameterMultipliers) => adamW(multipliers && { multipliers }),
};

describe.each(Object.entries(optimizers))('multipliers of %s', (_name, factory) => {
  /** Weights, from 1, and slots after two updates, and the kernels of tfjs that the second one ran. */
  async function twoUpdates(multipliers?: ParameterMultipliers) {
    const variables = names.map((name) => ({ name, variable: tf.tidy(() => tf.variable(tf.ones([1]))) }));
    const optimizer = factory(multipliers)(variables);
    update(optimizer);
    const { kernels } = await tf.profile(() => {
      update(optimizer);
    });
    const values = Object.fromEntries(
      [...variables, ...optimizer.slots].map(({ name, variable }) => [name, variable.dataSync()[0] ?? NaN]),
    );
    optimizer.dispose();
    for (const { variable } of variables) variable.dispose();
    return { values, numProducts: kernels.filter(({ name }) => name === 'Multiply').length };
  }

  it('decay kernels unless told otherwise', async () => {
    const [byDefault, kernels, all] = [
      await twoUpdates(),
      await twoUpdates(decayKernels),
      await twoUpdates(decayEverything),
    ];
    expect(byDefault).toEqual(kernels);
    expect(all.values['stem/conv/kernel']).toBe(byDefault.values['stem/conv/kernel']);
    for (const name of ['stem/norm/gamma', 'head/dense/bias']) {
      expect(all.values[name]).toBeLessThan(byDefault.values[name] ?? NaN);
      expect(all.values[name]).toBe(byDefault.values['head/dense/kernel']);
    }
  });

  it('freeze a weight whose rate they multiply by 0, and what is remembered of it', async () => {
    const isFrozen = (name: string) => name.startsWith('stem');
    const { values } = await twoUpdates((name) => ({
      learningRate: isFrozen(name) ? 0 : 1,
      weightDecay: 1,
    }));
    const moved = await twoUpdates(decayEverything);
    for (const [name, value] of Object.entries(moved.values)) {
      const isWeight = names.includes(name);
      expect([name, values[name]]).toEqual([name, isFrozen(name) ? (isWeight ? 1 : 0) : value]);
    }
  });

  it('cost one product for each distinct factor other than 0 and 1', async () => {
    const { numProducts } = await twoUpdates();
    const some = await twoUpdates((name) => ({
      learningRate: name.endsWith('kernel') ? 1 : 2,
      weightDecay: name.startsWith('stem') ? 0.5 : 1,
    }));
    expect(some.numProducts - numProducts).toBe(2);
  });

  it('name a factor that is none', () => {
    const variables = names.map((name) => ({ name, variable: tf.tidy(() => tf.variable(tf.ones([1]))) }));
    const factors = [
      ['learningRate', -1],
      ['weightDecay', NaN],
    ] as const;
    const before = tf.memory().numTensors;
    for (const [rate, factor] of factors) {
      const multipliers = () => ({ learningRate: 1, weightDecay: 1, [rate]: factor });
      expect(() => factory(multipliers)(variables)).toThrow(
        new RangeError(`the multiplier of the ${rate} of stem/conv/kernel must be at least 0; got ${factor}`),
      );
    }
    expect(tf.memory().numTensors).toBe(before);
    for (const { variable } of variables) variable.dispose();
  });
});

it('adamW takes rate times factor and weight decay times factor', () => {
  // Adam's first step has size 1: w = 1 − 0.2·0.6·1 − 0.2·1.
  const variable = tf.tidy(() => tf.variable(tf.ones([1])));
  const optimizer = adamW({ multipliers: () => ({ learningRate: 2, weightDecay: 3 }), epsilon: 0 })([
    { name: 'layer/kernel', variable },
  ]);
  update(optimizer);
  expect(variable.dataSync()[0]).toBeCloseTo(0.68, 6);
  optimizer.dispose();
  variable.dispose();
});
