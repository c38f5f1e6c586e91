import * as tf from '@tensorflow/tfjs';
import { loadEngine } from '@superconvergence/engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { createModel, modelVariant, summarise, type ModelName } from './index.ts';
import { trainableVariables } from './testing/trainable-variables.ts';

beforeAll(async () => {
  await loadEngine();
});

describe('createModel', () => {
  test('weight names are readable', () => {
    withModel('resnet-8', {}, (model) => {
      const names = model.weights.map((weight) => weight.originalName);
      expect(names.slice(0, 4)).toEqual([
        'stem/conv/kernel',
        'stem/conv/bias',
        'stem/batch_norm/gamma',
        'stem/batch_norm/beta',
      ]);
      expect(names).toContain('stage2/block1/conv2/kernel');
      expect(names).toContain('head/dense/bias');
    });
  });

  test('a second model has the same original names', () => {
    withModel('resnet-8', {}, (first) => {
      withModel('resnet-8', {}, (second) => {
        expect(originalNames(second)).toEqual(originalNames(first));
      });
    });
  });

  test.each([
    // He: fan-in 3·3·16; fan-out 3·3·64 for the wide network; xavier ±√(3/64) and Torch's ±√(1/128).
    { name: 'resnet-20', weight: 'stage1/block2/conv1/kernel', deviation: Math.sqrt(2 / 144) },
    { name: 'wrn-10-4', weight: 'stage1/block1/conv1/kernel', deviation: Math.sqrt(2 / 576) },
    { name: 'resnet-20', weight: 'head/dense/kernel', deviation: Math.sqrt(3 / 64 / 3) },
    { name: 'wrn-10-2', weight: 'head/dense/kernel', deviation: Math.sqrt(1 / 128 / 3) },
  ] as const)('$weight of $name has the source’s spread', ({ name, weight, deviation }) => {
    withModel(name, { seed: 5 }, (model) => {
      const values = valuesOf(model, weight);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      // Five standard errors.
      expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(values.length));
      expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * values.length));
    });
  });

  test('another seed, other weights; biases and shifts start at 0', () => {
    withModel('resnet-8', { seed: 1 }, (first) => {
      withModel('resnet-8', { seed: 2 }, (second) => {
        const name = 'stage1/block1/conv1/kernel';
        expect(valuesOf(first, name)).not.toEqual(valuesOf(second, name));
        expect(Math.max(...valuesOf(first, 'stem/conv/bias').map(Math.abs))).toBe(0);
      });
    });
  });

  test('classes, image shape and batch-norm momentum are options', () => {
    withModel('resnet-8', { classes: 100, inputShape: [28, 28, 1], batchNormMomentum: 0.5 }, (model) => {
      expect(model.inputs[0]?.shape).toEqual([null, 28, 28, 1]);
      expect(model.outputShape).toEqual([null, 100]);
      const mean = (): number[] => valuesOf(model, 'stem/batch_norm/moving_variance');
      tf.tidy(() => {
        model.apply(tf.zeros([2, 28, 28, 1]), { training: true });
      });
      // Batch variance 0: 0.5·1 + 0.5·0.
      expect(mean()).toEqual(Array.from({ length: 16 }, () => 0.5));
    });
  });

  test('batch-norm groups: training sees each part of the batch alone, inference sees no groups', () => {
    const images = tf.tidy(() =>
      tf
        .range(0, 4 * 8 * 8 * 3)
        .mul(0.7)
        .sin()
        .reshape([4, 8, 8, 3]),
    );
    const options = { inputShape: [8, 8, 3], seed: 4 } as const;
    const run = (batchNormGroups: number, batch: tf.Tensor, training: boolean): number[] => {
      let logits: number[] = [];
      withModel('resnet-8', { ...options, batchNormGroups }, (model) => {
        tf.tidy(() => {
          logits = Array.from((model.apply(batch, { training }) as tf.Tensor).dataSync());
        });
      });
      return logits;
    };
    const [first, second] = tf.split(images, 2) as [tf.Tensor, tf.Tensor];
    const apart = [...run(1, first, true), ...run(1, second, true)];
    run(2, images, true).forEach((logit, index) => {
      expect(logit).toBeCloseTo(apart[index] ?? NaN, 4);
    });
    expect(run(1, images, true)).not.toEqual(apart);
    expect(run(2, images, false)).toEqual(run(1, images, false));
    expect(() => run(3, images, true)).toThrow(
      /groups must be a positive integer that divides the 4 examples/,
    );
    tf.dispose([images, first, second]);
  });

  test('the zero channels come last and are zero', () => {
    withModel('resnet-8', {}, (model) => {
      const layer = model.getLayer('stage2/block1/zero_channels');
      expect(layer.outputShape).toEqual([null, 16, 16, 32]);
      const part = tf.model({ inputs: model.inputs, outputs: layer.output });
      tf.tidy(() => {
        const y = part.predict(tf.randomUniform([2, 32, 32, 3], -1, 1, 'float32', 1)) as tf.Tensor;
        const [before, after] = y.split(2, 3) as [tf.Tensor, tf.Tensor];
        expect(after.abs().max().dataSync()[0]).toBe(0);
        expect(before.max().dataSync()[0]).toBeGreaterThan(0);
      });
    });
  });

  test('dropout is an option where a family has a place for it, and the source decides the default', () => {
    const rates = (name: ModelName, options: Parameters<typeof createModel>[1]): unknown[] => {
      let found: unknown[] = [];
      withModel(name, options, (model) => {
        const layers = model.layers.filter((layer) => layer.getClassName() === 'Dropout');
        found = layers.map((layer) => layer.getConfig().rate);
      });
      return found;
    };
    expect(rates('wrn-10-1', { dropout: 0.3 })).toEqual([0.3, 0.3, 0.3]);
    expect(rates('wrn-10-1-fixup', { dropout: 0.3 })).toEqual([0.3, 0.3, 0.3]);
    expect(rates('wrn-10-1', {})).toEqual([]);
    // Two of each of 27 blocks; 3·12 layers and 2 transitions.
    expect(rates('resnet-56-dropout', {})).toEqual(Array.from({ length: 54 }, () => 0.2));
    expect(rates('densenet-40', {})).toHaveLength(38);
    expect(rates('densenet-40', { dropout: 0 })).toEqual([]);
    expect(() => createModel('he-resnet-20', { dropout: 0.1 })).toThrow(
      'dropout must be 0 for he-resnet-20, which has no place for it, but is 0.1',
    );
    expect(() => createModel('wrn-10-1', { dropout: 1 })).toThrow('dropout must be in [0, 1), but is 1');
  });

  test("batch norm's momentum is the source's, if it has one", () => {
    const movingVariance = (name: ModelName, weight: string): number | undefined => {
      let value: number | undefined;
      withModel(name, { inputShape: [8, 8, 1] }, (model) => {
        tf.tidy(() => {
          model.apply(tf.zeros([2, 8, 8, 1]), { training: true });
        });
        [value] = valuesOf(model, weight);
      });
      return value;
    };
    // Batch variance 0 leaves the momentum of the 1 that was there.
    expect(movingVariance('bottleneck-56', 'stage1/block1/batch_norm1/moving_variance')).toBeCloseTo(0.95, 6);
    expect(movingVariance('resnet-8', 'stem/batch_norm/moving_variance')).toBeCloseTo(0.9, 6);
  });

  test('Fixup starts with logits of 0 and blocks that pass on what they get', () => {
    withModel('wrn-16-1-fixup', { inputShape: [8, 8, 3] }, (model) => {
      tf.tidy(() => {
        const x = tf.randomNormal([2, 8, 8, 3], 0, 1, 'float32', 1);
        expect((model.predict(x) as tf.Tensor).abs().max().dataSync()[0]).toBe(0);
        const outputOf = (layer: string): tf.Tensor =>
          tf.model({ inputs: model.inputs, outputs: model.getLayer(layer).output }).predict(x) as tf.Tensor;
        const [before, after] = [outputOf('stage1/block1/relu2'), outputOf('stage1/block2/relu2')];
        expect(before.max().dataSync()[0]).toBeGreaterThan(0);
        expect(after.dataSync()).toEqual(before.dataSync());
      });
    });
  });

  test("the seed's stem starts as Flux 0.7 leaves it, the authors' as He et al.", () => {
    const largest = (name: ModelName): number => {
      let found = NaN;
      withModel(name, {}, (model) => {
        found = Math.max(...valuesOf(model, 'stem/conv/kernel').map(Math.abs));
      });
      return found;
    };
    // Uniform in ±√(6/(3 + 3 + 3 + 16)) = ±0.490: of 432 draws the largest is near the limit. N(0, 2/144) goes to ±0.35.
    expect(largest('wrn-10-1-fixup')).toBeLessThanOrEqual(0.4899);
    expect(largest('wrn-10-1-fixup')).toBeGreaterThan(0.47);
    expect(largest('wrn-10-1-fixup-scalar')).toBeLessThan(0.47);
  });

  test("Fixup's first convolutions are smaller with more blocks", () => {
    const deviation = (name: ModelName): number => {
      let found = NaN;
      withModel(name, {}, (model) => {
        const values = valuesOf(model, 'stage1/block1/conv1/kernel');
        found = Math.hypot(...values) / Math.sqrt(values.length);
      });
      return found;
    };
    // √(2/(3·3·64)) with 3 blocks and with 12.
    expect(deviation('wrn-10-4-fixup') / (Math.sqrt(2 / 576) / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(deviation('wrn-28-4-fixup') / (Math.sqrt(2 / 576) / Math.sqrt(12))).toBeCloseTo(1, 1);
  });

  test('inference does not move the running statistics', () => {
    withModel('resnet-8', {}, (model) => {
      const before = valuesOf(model, 'stem/batch_norm/moving_mean');
      tf.tidy(() => model.predict(tf.ones([2, 32, 32, 3])));
      expect(valuesOf(model, 'stem/batch_norm/moving_mean')).toEqual(before);
    });
  });

  test('plain tfjs computes the same logits and gradients', async () => {
    const compute = (): number[][] => {
      const model = createModel('wrn-10-1', { inputShape: [8, 8, 3], seed: 3 });
      const images = tf.tensor4d(
        Array.from({ length: 2 * 8 * 8 * 3 }, (_, index) => Math.sin(index)),
        [2, 8, 8, 3],
      );
      const loss = (): tf.Scalar => (model.apply(images, { training: true }) as tf.Tensor).square().mean();
      const { value, grads } = tf.variableGrads(loss, trainableVariables(model));
      const gradients = model.trainableWeights.map((weight) => grads[weight.name]);
      const result = [value, ...gradients].map((tensor) => Array.from(tensor?.dataSync() ?? []));
      tf.dispose([images, value, grads]);
      model.dispose();
      return result;
    };
    const native = compute();
    await tf.setBackend('cpu');
    const plain = compute();
    await tf.setBackend('tensorflow');
    expect(plain).toHaveLength(native.length);
    plain.forEach((tensor, index) => {
      const difference = Math.hypot(...tensor.map((value, entry) => value - (native[index]?.[entry] ?? NaN)));
      expect(difference).toBeLessThanOrEqual(1e-4 * Math.hypot(...tensor));
    });
  });

  test('wrong names and options', () => {
    const create = createModel as (name: string, options?: object) => tf.LayersModel;
    const tensorsBefore = tf.memory().numTensors;
    expect(() => create('resnet-21')).toThrow(/model name must be one of resnet-8, .* but is "resnet-21"/);
    expect(() => create('wrn-17-2')).toThrow('the depth of wrn-17-2 must be 6n + 4 and at least 10');
    expect(() => create('wrn-4-2')).toThrow(RangeError);
    expect(() => create('wrn-16-2-fix')).toThrow(/or wrn-d-k, wrn-d-k-fixup, wrn-d-k-fixup-scalar/);
    expect(() => create('gresnet-56', { inputShape: [30, 32, 3] })).toThrow(
      'height and width of inputShape must be multiples of 4, but are 30 and 32',
    );
    expect(() => create('cifar3', { inputShape: [7, 7, 3] })).toThrow(
      'height and width of inputShape must be equal and at least 8, but are 7 and 7',
    );
    expect(() => create('cifar3', { inputShape: [32, 24, 3] })).toThrow(/must be equal and at least 8/);
    expect(() => create('lenet', { inputShape: [12, 14, 1] })).toThrow(
      /must be at least 13, but are 12 and 14/,
    );
    expect(() => create('lenet', { batchNormGroups: 2 })).toThrow(
      'batchNormGroups is not for lenet, which has no batch normalisation; leave it out',
    );
    expect(() => create('wrn-16-2-fixup', { batchNormMomentum: 0.5 })).toThrow(
      /batchNormMomentum is not for/,
    );
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(() => create('constructor')).toThrow(RangeError);
    expect(() => create('resnet-8', { seed: -1 })).toThrow(
      'seed must be an integer in [0, 4294967295], but is -1',
    );
    expect(() => create('resnet-8', { classes: 1.5 })).toThrow(/classes must be an integer/);
    expect(() => create('resnet-8', { inputShape: [32, 32] })).toThrow(
      'inputShape must be [height, width, channels], but is [32, 32]',
    );
    expect(() => create('resnet-8', { inputShape: [32, 0, 3] })).toThrow(/each number of inputShape/);
    expect(() => create('resnet-8', { batchNormGroups: 0 })).toThrow(
      'batchNormGroups must be an integer in [1, 1000000], but is 0',
    );
    expect(() => create('resnet-8', { batchNormMomentum: 1.1 })).toThrow(
      'batchNormMomentum must be in [0, 1]',
    );
  });
});

test('modelVariant knows wide networks that are not in the table', () => {
  expect(modelVariant('wrn-40-2')).toMatchObject({ family: 'wide-resnet', depth: 40, widenFactor: 2 });
  // https://arxiv.org/abs/1605.07146, table 4 rounds to 2.2 M.
  withModel('wrn-40-2', {}, (model) => {
    expect(summarise(model).parameters).toBe(2_243_546);
  });
  expect(modelVariant('wrn-22-3-fixup')).toMatchObject({ family: 'fixup-wide-resnet', channelBiases: true });
  expect(modelVariant('wrn-22-3-fixup-scalar')).toMatchObject({ depth: 22, channelBiases: false });
});

function withModel(
  name: ModelName,
  options: Parameters<typeof createModel>[1],
  use: (model: tf.LayersModel) => void,
): void {
  const model = createModel(name, options);
  use(model);
  model.dispose();
}

function originalNames(model: tf.LayersModel): string[] {
  return model.weights.map((weight) => weight.originalName);
}

function valuesOf(model: tf.LayersModel, name: string): number[] {
  const weight = model.weights.find(({ originalName }) => originalName === name);
  if (weight === undefined) throw new Error(`there is no ${name}`);
  return Array.from(weight.read().dataSync());
}
