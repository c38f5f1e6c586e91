import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { oneCycle } from '../index.ts';
import { scheduleCallback, type ScheduleCallbackOptions } from './index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** One weight, 0 at first, whose gradient is the input: loss = weight · input. */
function oneWeight(optimizer: tf.Optimizer | string): tf.Sequential {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [1], units: 1, useBias: false, kernelInitializer: 'zeros' }));
  model.compile({ optimizer, loss: (_, prediction) => tf.mean(prediction) });
  return model;
}

const weightOf = (model: tf.LayersModel) => model.getWeights()[0]?.dataSync()[0] ?? NaN;

type Schedules = Partial<Pick<ScheduleCallbackOptions, 'learningRate' | 'momentum' | 'initialStep'>>;

/** The weight after each batch of one input. */
async function weights(optimizer: tf.Optimizer, schedules: Schedules, inputs: number[], epochs = 1) {
  const model = oneWeight(optimizer);
  const seen: number[] = [];
  const x = tf.tensor2d(inputs, [inputs.length, 1]);
  await model.fit(x, x, {
    batchSize: 1,
    epochs,
    shuffle: false,

    callbacks: [
      scheduleCallback({ optimizer, ...schedules }),
      { onBatchEnd: () => void seen.push(weightOf(model)) },
    ],
  });
  return seen;
}

const table =
  (...values: number[]) =>
  (step: number) =>
    values[step] ?? NaN;

function expectClose(seen: readonly number[], expected: readonly number[]): void {
  expect(seen).toHaveLength(expected.length);
  seen.forEach((value, index) => {
    expect(value, `after batch ${index}`).toBeCloseTo(expected[index] ?? NaN, 5);
  });
}

const inputs = [1, 2, -1, 3];
const rates = [0.1, 0.2, 0.4, 0.05];
const momenta = [0.5, 0.9, 0, 0.8];

/** What the optimisers' definitions give: `update` takes (gradient, rate, momentum) to the change of the weight. */
function byHand(update: (gradient: number, rate: number, momentum: number) => number): number[] {
  let weight = 0;
  return inputs.map((gradient, t) => (weight += update(gradient, rates[t] ?? NaN, momenta[t] ?? NaN)));
}

describe('each update uses the rate and the momentum of its step', () => {
  const learningRate = table(...rates);
  const momentum = table(...momenta);

  it('sgd', async () => {
    // −0.1·1, −0.2·2, +0.4·1, −0.05·3
    const seen = await weights(tf.train.sgd(7), { learningRate }, inputs);
    expectClose(seen, [-0.1, -0.5, -0.1, -0.25]);
  });

  it('momentum', async () => {
    // v: 1; 0.9·1 + 2 = 2.9; 0·2.9 − 1 = −1; 0.8·−1 + 3 = 2.2
    // w: −0.1·1; −0.2·2.9; +0.4·1; −0.05·2.2
    const seen = await weights(tf.train.momentum(7, 0.3), { learningRate, momentum }, inputs);
    expectClose(seen, [-0.1, -0.68, -0.28, -0.39]);
  });

  it('momentum alone, at the optimiser’s own rate', async () => {
    // v as above; w: −0.1·1; −0.1·2.9; +0.1·1; −0.1·2.2
    const seen = await weights(tf.train.momentum(0.1, 0.3), { momentum }, inputs);
    expectClose(seen, [-0.1, -0.39, -0.29, -0.51]);
  });

  it('momentum, Nesterov', async () => {
    // v as above; g + momentum·v: 1.5; 2 + 0.9·2.9 = 4.61; −1; 3 + 0.8·2.2 = 4.76
    // w: −0.1·1.5; −0.2·4.61; +0.4·1; −0.05·4.76
    const seen = await weights(tf.train.momentum(7, 0.3, true), { learningRate, momentum }, inputs);
    expectClose(seen, [-0.15, -1.072, -0.672, -0.91]);
  });

  it.each([false, true])('rmsprop, centred %s', async (centered) => {
    let [square, mean, velocity] = [0, 0, 0];
    const expected = byHand((g, rate, m) => {
      square = 0.9 * square + 0.1 * g * g;
      mean = 0.9 * mean + 0.1 * g;
      velocity = m * velocity + (rate * g) / Math.sqrt(centered ? square - mean ** 2 - 1e-3 : square + 1e-3);
      return -velocity;
    });
    const optimizer = tf.train.rmsprop(7, 0.9, 0.3, 1e-3, centered);
    expectClose(await weights(optimizer, { learningRate, momentum }, inputs), expected);
  });

  // Kingma and Ba, arXiv 1412.6980; with a beta1 that changes, the weights of the gradients in the first moment sum to
  // 1 − the product of all beta1 so far.
  it('adam, beta1 as the momentum', async () => {
    let [first, second, product, t] = [0, 0, 1, 0];
    const expected = byHand((g, rate, beta1) => {
      product *= beta1;
      t += 1;
      first = beta1 * first + (1 - beta1) * g;
      second = 0.99 * second + 0.01 * g * g;
      return (-rate * first) / (1 - product) / (Math.sqrt(second / (1 - 0.99 ** t)) + 1e-3);
    });
    expect(expected[0]).toBeCloseTo(-0.1, 3); // Adam's first step is its rate, whatever beta1
    const seen = await weights(tf.train.adam(7, 0.3, 0.99, 1e-3), { learningRate, momentum }, inputs);
    expectClose(seen, expected);
  });

  it('adam of a constant gradient moves by its rate, however beta1 changes', async () => {
    const beta1 = table(0, 0.5, 0.95, 0.85, 0.99);
    const ones = [1, 1, 1, 1, 1];
    for (const initial of [0, 0.9]) {
      const optimizer = tf.train.adam(7, initial, 0.999, 1e-9);
      const seen = await weights(optimizer, { learningRate: () => 0.1, momentum: beta1 }, ones);
      expectClose(seen, [-0.1, -0.2, -0.3, -0.4, -0.5]);
    }
    const cycled = { learningRate: () => 0.1, momentum: table(0.95, 0.9, 0.85, 0.9, 0.95) };
    expectClose(await weights(tf.train.adam(7), cycled, ones), [-0.1, -0.2, -0.3, -0.4, -0.5]);
  });

  it('adamax, beta1 as the momentum', async () => {
    let [first, norm, product] = [0, 0, 1];
    const expected = byHand((g, rate, beta1) => {
      product *= beta1;
      first = beta1 * first + (1 - beta1) * g;
      norm = Math.max(0.99 * norm, Math.abs(g));
      return ((-rate / (1 - product)) * first) / (norm + 1e-3);
    });
    const seen = await weights(tf.train.adamax(7, 0.3, 0.99, 1e-3), { learningRate, momentum }, inputs);
    expectClose(seen, expected);
  });

  it('adagrad', async () => {
    let sum = 0.1;
    const expected = byHand((g, rate) => {
      sum += g * g;
      return (-rate * g) / Math.sqrt(sum + 1e-7);
    });
    expectClose(await weights(tf.train.adagrad(7, 0.1), { learningRate }, inputs), expected);
  });

  it('adadelta', async () => {
    // tfjs 4.22 divides by the root of the mean square before this gradient.
    let [square, change] = [0, 0];
    const expected = byHand((g, rate) => {
      const update = (Math.sqrt(change + 1e-3) / Math.sqrt(square + 1e-3)) * g;
      square = 0.9 * square + 0.1 * g * g;
      change = 0.9 * change + 0.1 * update * update;
      return -rate * update;
    });
    expectClose(await weights(tf.train.adadelta(7, 0.9, 1e-3), { learningRate }, inputs), expected);
  });
});

describe('scheduleCallback', () => {
  it('counts the batches of all epochs, from initialStep', async () => {
    const asked: number[] = [];
    const learningRate = (step: number) => {
      asked.push(step);
      return 0.1;
    };
    await weights(tf.train.sgd(1), { learningRate, initialStep: 5 }, [1, 1, 1], 2);
    expect(asked).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('goes on with the next fit, and takes fitDataset', async () => {
    const model = oneWeight('sgd');
    const callback = scheduleCallback({ model, learningRate: table(0.1, 0.2, 0.3, 0.4) });
    const x = tf.ones([2, 1]);
    await model.fit(x, x, { batchSize: 1, callbacks: callback });
    expect(callback.step).toBe(2);
    expect(weightOf(model)).toBeCloseTo(-0.3, 6);
    const dataset = tf.data.array([1, 1]).map(() => ({ xs: tf.ones([1, 1]), ys: tf.ones([1, 1]) }));
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- tfjs-layers types it by a stub
    await model.fitDataset(dataset, { epochs: 1, callbacks: callback });
    expect(callback.step).toBe(4);
    expect(weightOf(model)).toBeCloseTo(-1, 6); // 0.1 + 0.2 + 0.3 + 0.4
  });

  it('a resumed run ends as one that was never interrupted', async () => {
    const schedules = oneCycle({ totalSteps: 8, maxLearningRate: 0.4 });
    const optimizer = tf.train.momentum(1, 0);
    const [x, rest] = [tf.tensor2d([1, 2, 3], [3, 1]), tf.tensor2d([4, 5, 6, 7, 8], [5, 1])];
    const whole = await weights(tf.train.momentum(1, 0), schedules, [1, 2, 3, 4, 5, 6, 7, 8]);
    const model = oneWeight(optimizer);
    const options = { batchSize: 1, shuffle: false } as const;
    const first = scheduleCallback({ optimizer, ...schedules });
    await model.fit(x, x, { ...options, callbacks: first });
    const second = scheduleCallback({ optimizer, ...schedules, initialStep: first.step });
    await model.fit(rest, rest, { ...options, callbacks: second });
    expect(weightOf(model)).toBe(whole[7]);
  });

  it('takes the pair of oneCycle, and trains', async () => {
    const optimizer = tf.train.momentum(0.1, 0.9);
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [2], units: 1, kernelInitializer: 'zeros' }));
    model.compile({ optimizer, loss: 'meanSquaredError' });
    // y = 2·x₀ − x₁ + 0.5
    const x = tf.tensor2d([[0, 0], [0, 1], [1, 0], [1, 1]]); // prettier-ignore
    const y = tf.tensor2d([[0.5], [-0.5], [2.5], [1.5]]);
    const schedules = oneCycle({ totalSteps: 400, maxLearningRate: 0.3 });
    await model.fit(x, y, { batchSize: 2, epochs: 200, callbacks: scheduleCallback({ model, ...schedules }) }); // prettier-ignore
    const [kernel, bias] = model.getWeights().map((tensor) => [...tensor.dataSync()]);
    expect(kernel?.[0]).toBeCloseTo(2, 2);
    expect(kernel?.[1]).toBeCloseTo(-1, 2);
    expect(bias?.[0]).toBeCloseTo(0.5, 2);
    // The last update was that of step 399.
    expect(optimizer.getConfig()).toMatchObject({
      learningRate: schedules.learningRate(399),
      momentum: schedules.momentum(399),
    });
  });

  it('works beside a callback object of tfjs', async () => {
    const model = oneWeight('sgd');
    const callback = scheduleCallback({ model, learningRate: () => 0.1 });
    const stopping = tf.callbacks.earlyStopping({ monitor: 'loss' });
    const x = tf.ones([2, 1]);
    await model.fit(x, x, {
      batchSize: 1,

      callbacks: [new tf.CustomCallback(callback), stopping],
    });
    expect(weightOf(model)).toBeCloseTo(-0.2, 6);
  });

  it.each([
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['adam', () => tf.train.adam(0.1)],
    ['adamax', () => tf.train.adamax(0.1)],
    ['rmsprop', () => tf.train.rmsprop(0.1)],
  ])('%s holds as many tensors after many batches as after one', async (_, create) => {
    const optimizer = create();
    const model = oneWeight(optimizer);
    const callbacks = scheduleCallback({ optimizer, ...oneCycle({ totalSteps: 30, maxLearningRate: 0.1 }) });
    const x = tf.ones([10, 1]);
    const fit = (epochs: number) => model.fit(x, x, { batchSize: 10, epochs, callbacks });
    await fit(1);
    const { numTensors } = tf.memory();
    await fit(20);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(callbacks.step).toBe(21);
  });

  it('outlives a scope that was open when it was called', () => {
    const optimizer = tf.train.momentum(0.1, 0.9);
    const callback = scheduleCallback({ optimizer, learningRate: () => 1, momentum: () => 0.5 });
    tf.tidy(() => {
      callback.onBatchBegin();
    });
    const weight = tf.variable(tf.scalar(0));
    for (let i = 0; i < 2; i++) optimizer.minimize(() => weight.mul(1), false, [weight]);
    expect(weight.dataSync()[0]).toBeCloseTo(-2.5, 6); // −1, then −(0.5·1 + 1)
  });
});

describe('errors', () => {
  const learningRate = () => 0.1;
  const momentum = () => 0.9;

  it.each([
    ['SGD', () => tf.train.sgd(0.1)],
    ['Adagrad', () => tf.train.adagrad(0.1)],
    ['Adadelta', () => tf.train.adadelta(0.1)],
  ])('%s has no momentum to set', (name, create) => {
    expect(() => scheduleCallback({ optimizer: create(), learningRate, momentum })).toThrow(
      new TypeError(
        `scheduleCallback: can't set the momentum of ${name}; use momentum, rmsprop, adam or adamax of tf.train in tfjs 4.22, or leave momentum out`,
      ),
    );
  });

  it('an optimiser without the field that its updates read', () => {
    for (const [optimizer, field] of [
      [tf.train.momentum(0.1, 0.9), 'm'],
      [tf.train.adam(0.1), 'accBeta1'],
      [tf.train.rmsprop(0.1), 'momentum'],
    ] as const) {
      Reflect.deleteProperty(optimizer, field);
      expect(() => scheduleCallback({ optimizer, momentum })).toThrow(/can't set the momentum of/);
    }
    const optimizer = tf.train.adam(0.1);
    Reflect.deleteProperty(optimizer, 'learningRate');
    expect(() => scheduleCallback({ optimizer, learningRate })).toThrow(
      /can't set the learning rate of Adam;/,
    );
  });

  it('an optimiser that it does not know, unless that can set its rate', () => {
    const own = { getClassName: () => 'Lion', learningRate: 1, momentum: 0.9 };
    expect(() => scheduleCallback({ optimizer: own, learningRate })).toThrow(
      /can't set the learning rate of Lion;/,
    );
    expect(() => scheduleCallback({ optimizer: own, momentum })).toThrow(/can't set the momentum of Lion;/);
    const settable = { ...own, setLearningRate: (value: number) => void (settable.learningRate = value) };
    scheduleCallback({ optimizer: settable, learningRate }).onBatchBegin();
    expect(settable.learningRate).toBe(0.1);
  });

  it('Adamax with a decay of its own', () => {
    const optimizer = tf.train.adamax(0.1, 0.9, 0.999, 1e-8, 0.1);
    expect(() => scheduleCallback({ optimizer, learningRate })).toThrow(/decay of Adamax/);
  });

  it('a model that is not compiled, or compiled again', async () => {
    const bare = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
    const message = 'scheduleCallback: needs an optimizer, or a model that is compiled';
    expect(() => scheduleCallback({ model: bare, learningRate })).toThrow(new TypeError(message));
    const model = oneWeight('sgd');
    const callbacks = scheduleCallback({ model, learningRate });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.ones([1, 1]);
    await expect(model.fit(x, x, { callbacks })).rejects.toThrow(/compiled again/);
  });

  it('no schedule, or an initialStep out of range', () => {
    const optimizer = tf.train.sgd(0.1);
    expect(() => scheduleCallback({ optimizer })).toThrow(
      new TypeError('scheduleCallback: needs learningRate, momentum or both'),
    );
    for (const initialStep of [-1, 0.5, NaN]) {
      expect(() => scheduleCallback({ optimizer, learningRate, initialStep })).toThrow(
        new RangeError(`scheduleCallback: initialStep must be an integer ≥ 0, got ${initialStep}`),
      );
    }
  });
});
