import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { engine } from '../testing/engine-summary.ts';
import { measureTiming } from './timing.ts';

beforeAll(async () => {
  await loadEngine();
});

/** Names of the kernels that one timed iteration runs: those of `iterations + 1` runs minus those of `iterations`. */
async function kernelsOf(mode: 'forward-backward' | 'update' | 'forward'): Promise<string[]> {
  const kernels: string[] = [];
  const backend = tf.backend() as unknown as Record<string, (name: string, ...rest: unknown[]) => unknown>;
  const methods = ['executeSingleOutput', 'executeMultipleOutputs'] as const;
  const originals = methods.map((method) => backend[method]);
  methods.forEach((method, i) => {
    backend[method] = function (name, ...rest) {
      kernels.push(name);
      return originals[i]?.call(this, name, ...rest);
    };
  });
  try {
    const count = async (iterations: number) => {
      kernels.length = 0;
      await measureTiming({ model: 'wrn-10-1', batchSize: 2, iterations, mode, compile: false, engine });
      return [...kernels];
    };
    const [one, two] = [await count(1), await count(2)];
    return two.slice(one.length);
  } finally {
    methods.forEach((method, i) => {
      const original = originals[i];
      if (original) backend[method] = original;
    });
  }
}

const countOf = (kernels: readonly string[], name: string) =>
  kernels.filter((kernel) => kernel === name).length;

describe('measureTiming', () => {
  it('computes the gradient of every trainable variable in every iteration', async () => {
    const model = createModel('wrn-10-1');
    const layers = (type: string) => model.layers.filter((layer) => layer.getClassName() === type).length;
    const [convolutions, norms] = [layers('Conv2D'), layers('BatchNormalization')];
    const numVariables = model.trainableWeights.length;
    model.dispose();
    expect(convolutions).toBeGreaterThan(6);

    const kernels = await kernelsOf('forward-backward');
    // One kernel gradient for each convolution; an input gradient for each but the first; one call for x, γ and β of a norm.
    expect(countOf(kernels, 'Conv2D')).toBe(convolutions);
    expect(countOf(kernels, 'Conv2DBackpropFilter')).toBe(convolutions);
    expect(countOf(kernels, 'Conv2DBackpropInput')).toBe(convolutions - 1);
    expect(countOf(kernels, 'FusedBatchNormGradV3')).toBe(norms);

    const { gradients } = await measureTiming({
      model: 'wrn-10-1',
      batchSize: 2,
      iterations: 1,
      mode: 'forward-backward',
      compile: false,
      engine,
    });
    expect(gradients).toBe(numVariables);
  });

  it('computes no gradient when only the forward pass is timed', async () => {
    const kernels = await kernelsOf('forward');
    expect(countOf(kernels, 'Conv2D')).toBeGreaterThan(6);
    expect(kernels.filter((kernel) => kernel.includes('Backprop') || kernel.includes('Grad'))).toEqual([]);
  });

  it('counts work and memory, and keeps no tensors', async () => {
    const before = tf.memory().numTensors;
    const forward = await measureTiming({
      model: 'wrn-10-1',
      batchSize: 2,
      iterations: 2,
      mode: 'forward',
      compile: false,
      engine,
    });
    const backward = await measureTiming({
      model: 'wrn-10-1',
      batchSize: 2,
      iterations: 2,
      mode: 'update',
      compile: false,
      engine,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(backward.iterationSeconds).toHaveLength(2);
    expect(backward.seconds).toBeCloseTo(
      backward.iterationSeconds.reduce((sum, value) => sum + value, 0),
      12,
    );
    expect(backward.imagesPerSecond).toBeCloseTo(4 / backward.seconds, 9);
    expect(backward.tensorsAllocated).toBeGreaterThan(forward.tensorsAllocated);
    expect(backward.bytesAllocated).toBeGreaterThan(forward.bytesAllocated);
    // Forward alone does one multiply-accumulate where all of it does a little less than three.
    const work = ({ gflopsPerSecond, imagesPerSecond }: typeof forward) => gflopsPerSecond / imagesPerSecond;
    expect(work(backward) / work(forward)).toBeGreaterThan(2.8);
    expect(work(backward) / work(forward)).toBeLessThan(3);
  });

  it.each(['forward', 'forward-backward', 'update'] as const)(
    'times %s compiled, and keeps no tensors',
    async (mode) => {
      const before = tf.memory().numTensors;
      const config = { model: 'wrn-10-1', batchSize: 2, iterations: 2, mode, compile: true } as const;
      const result = await measureTiming({ ...config, engine });
      expect(tf.memory().numTensors).toBe(before);
      expect(result).toMatchObject(config);
      expect(result.seconds).toBeGreaterThan(0);
    },
  );

  it.each(['forward', 'update'] as const)('times %s of a network with dropout, compiled', async (mode) => {
    const config = { model: 'resnet-56-dropout', batchSize: 2, iterations: 1, mode, compile: true } as const;
    expect((await measureTiming({ ...config, engine })).seconds).toBeGreaterThan(0);
  });
});
