import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile, computeToo } from './index.ts';
import { areSavedModelsForced } from './saved-model-choice.ts';
import { disposeLater } from './testing/dispose-later.ts';
import { loadNative } from './testing/native.ts';

beforeAll(loadNative);

describe('compile', () => {
  it('gives what the function gives', async () => {
    const fn = (x: tf.Tensor2D, w: tf.Tensor2D) => tf.relu(tf.matMul(x, w).add(1)).sum(1);
    const compiled = disposeLater(compile(fn));
    const x = tf.tensor2d([1, -2, 3, 4, 5, -6], [2, 3]);
    const w = tf.tensor2d([1, 0, -1, 2, 0.5, 3], [3, 2]);
    const result = await compiled(x, w);
    expect(result.shape).toEqual([2]);
    expect(Array.from(await result.data())).toEqual(Array.from(await fn(x, w).data()));
  });

  it('records once for each signature', async () => {
    let numRecorded = 0;
    const compiled = disposeLater(
      compile((x: tf.Tensor, factor: number) => {
        numRecorded += 1;
        return x.mul(factor);
      }),
    );
    const values = async (x: tf.Tensor, factor: number) =>
      Array.from(await (await compiled(x, factor)).data());
    expect(await values(tf.tensor1d([1, 2]), 3)).toEqual([3, 6]);
    expect(await values(tf.tensor1d([5, 6]), 3)).toEqual([15, 18]);
    expect(numRecorded).toBe(1);
    expect(await values(tf.tensor1d([1, 2, 3]), 3)).toEqual([3, 6, 9]);
    expect(await values(tf.tensor1d([1, 2]), 4)).toEqual([4, 8]);
    expect(await values(tf.tensor1d([1, 2], 'int32'), 4)).toEqual([4, 8]);
    expect(numRecorded).toBe(4);
    expect(await values(tf.tensor1d([1, 1]), 3)).toEqual([3, 3]);
    expect(numRecorded).toBe(4);
  });

  it('takes and gives nested tensors beside plain values', async () => {
    const compiled = disposeLater(
      compile(
        ({ a, list }: { a: tf.Tensor; list: [tf.Tensor, { b: tf.Tensor }] }, options?: { sign: 1 | -1 }) => ({
          sum: a
            .add(list[0])
            .add(list[1].b)
            .mul(options?.sign ?? 1),
          parts: [a, { note: 'plain', twice: list[1].b.mul(2) }] as const,
        }),
      ),
    );
    const result = await compiled(
      { a: tf.scalar(1), list: [tf.scalar(2), { b: tf.scalar(3) }] },
      { sign: -1 },
    );
    expect(result.sum.dataSync()[0]).toBe(-6);
    expect(result.parts[0].dataSync()[0]).toBe(1);
    expect(result.parts[1].note).toBe('plain');
    expect(result.parts[1].twice.dataSync()[0]).toBe(6);
  });

  it('keeps dtypes: bool, int32, and scalars of 64 bits inside', async () => {
    const compiled = disposeLater(
      compile((x: tf.Tensor1D) => ({
        isPositive: x.greater(0),
        index: x.argMax(),
        rounded: x.cast('int32'),
      })),
    );
    const { isPositive, index, rounded } = await compiled(tf.tensor1d([-1, 2.7]));
    expect([isPositive.dtype, index.dtype, rounded.dtype]).toEqual(['bool', 'int32', 'int32']);
    expect(Array.from(isPositive.dataSync())).toEqual([0, 1]);
    expect(index.dataSync()[0]).toBe(1);
    expect(Array.from(rounded.dataSync())).toEqual([-1, 2]);
  });

  it('takes arguments at the call, so that they may be disposed of', async () => {
    const compiled = disposeLater(compile((x: tf.Tensor) => x.square()));
    const x = tf.tensor1d([3]).mul(1);
    const running = compiled(x);
    x.dispose();
    expect((await running).dataSync()[0]).toBe(9);
  });

  it('computes too what nothing depends on, when asked', async () => {
    const labels = tf.tensor1d([7], 'int32');
    const table = tf.tensor2d([[1], [2]]);
    // A gather out of range is an error of TensorFlow on a CPU: it shows that the operation was run.
    const lazy = disposeLater(compile((index: tf.Tensor1D) => (table.gather(index), tf.scalar(1))));
    expect((await lazy(labels)).dataSync()[0]).toBe(1);
    const eager = disposeLater(
      compile((index: tf.Tensor1D) => {
        computeToo([table.gather(index)]);
        return tf.scalar(1);
      }),
    );
    await expect(eager(labels)).rejects.toThrow(/out of|not in \[0, 2\)/i);
  });

  it.runIf(!areSavedModelsForced())('lets Node go on meanwhile', async () => {
    const compiled = disposeLater(
      compile((x: tf.Tensor2D) => {
        let y = x;
        for (let i = 0; i < 40; i++) y = tf.matMul(y, x);
        return y.sum();
      }),
    );
    const x = tf.ones<tf.Rank.R2>([700, 700]);
    await compiled(x);
    let numTicks = 0;
    const timer = setInterval(() => (numTicks += 1), 1);
    await compiled(x);
    clearInterval(timer);
    expect(numTicks).toBeGreaterThan(5);
  });

  it('leaves no tensors behind', async () => {
    const w = tf.variable(tf.ones([4]));
    const compiled = disposeLater(
      compile((x: tf.Tensor1D) => {
        w.assign(w.add(x));
        return w.sum();
      }),
    );
    const x = tf.ones<tf.Rank.R1>([4]);
    (await compiled(x)).dispose();
    const before = tf.memory();
    for (let i = 0; i < 20; i++) (await compiled(x)).dispose();
    const after = tf.memory();
    expect([after.numTensors, after.numDataBuffers, after.numBytes]).toEqual([
      before.numTensors,
      before.numDataBuffers,
      before.numBytes,
    ]);
    expect(Array.from(w.dataSync())).toEqual([22, 22, 22, 22]);
  });

  it('runs the function itself on another backend', async () => {
    await tf.setBackend('cpu');
    try {
      const compiled = compile({ double: (x: tf.Tensor) => x.mul(2) });
      expect((await compiled.double(tf.tensor1d([1, 2]))).dataSync()).toEqual(Float32Array.of(2, 4));
    } finally {
      await tf.setBackend('tensorflow');
    }
  });

  it('says that it has been disposed of', async () => {
    const compiled = compile((x: tf.Tensor) => x.add(1));
    await compiled(tf.scalar(1));
    compiled.dispose();
    await expect(compiled(tf.scalar(1))).rejects.toMatchObject({ code: 'disposed' });
  });
});
