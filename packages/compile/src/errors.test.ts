import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile, CompileError, type CompileErrorCode, type CompileOptions } from './index.ts';
import { loadNative } from './testing/native.ts';

beforeAll(loadNative);

async function errorOf(fn: (x: tf.Tensor1D) => unknown, options?: CompileOptions): Promise<CompileError> {
  const compiled = compile(fn, options);
  const error: unknown = await compiled(tf.tensor1d([1, 2])).catch((reason: unknown) => reason);
  compiled.dispose();
  expect(error).toBeInstanceOf(CompileError);
  return error as CompileError;
}

const w = () => tf.variable(tf.scalar(1));

describe('what cannot be compiled says so', () => {
  const cases: [string, CompileErrorCode, (x: tf.Tensor1D) => unknown][] = [
    ['reads a value', 'value-read', (x) => x.mul(x.sum().dataSync()[0] ?? 0)],
    ['branches on data', 'value-read', (x) => ((x.max().arraySync() as number) > 1 ? x : x.neg())],
    ['draws random numbers', 'host-randomness', (x) => x.add(tf.randomNormal([2]))],
    ['calls Math.random', 'host-randomness', (x) => x.mul(Math.random())],
    ['has a dropout layer', 'host-randomness', (x) => tf.dropout(x, 0.5)],
    ['is asynchronous', 'asynchronous', (x) => Promise.resolve(x)],
    [
      'has a result whose size depends on data',
      'unknown-shape',
      (x) =>
        (
          tf.engine().backend as unknown as {
            executeSingleOutput(name: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor;
          }
        ).executeSingleOutput('Where', [], [x]),
    ],
    ['makes a variable at every call', 'variable-created', (x) => tf.variable(x).mul(2)],
  ];

  it.each(cases)('a function that %s', async (_what, code, fn) => {
    const error = await errorOf(fn);
    expect(error.code).toBe(code);
  });

  it('reading a variable', async () => {
    const variable = w();
    const error = await errorOf((x) => x.mul(variable.dataSync()[0] ?? 0));
    expect(error).toMatchObject({ code: 'value-read' });
    expect(error.message).toContain(variable.name);
  });

  it('names the line of the caller', async () => {
    const error = await errorOf((x) => x.mul(x.dataSync()[0] ?? 0));
    expect(error.message).toMatch(/errors\.test\.ts:\d+:\d+\)$/);
  });

  it('an operation that goes past the recorder', async () => {
    const error = await errorOf((x) => {
      const backend = tf.engine().backend as unknown as { getInputTensorIds(inputs: tf.Tensor[]): number[] };
      return backend.getInputTensorIds([x.square()]);
    });
    expect(error.code).toBe('not-recorded');
  });

  it('an operation that TensorFlow refuses', async () => {
    const error = await errorOf((x) =>
      (
        tf.engine().backend as unknown as {
          executeSingleOutput(name: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor;
        }
      ).executeSingleOutput('MatMul', [], [x, x]),
    );
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('MatMul');
  });

  it('an error of the function itself passes through, and everything is as before', async () => {
    const variable = w();
    const compiled = compile((x: tf.Tensor) => {
      variable.assign(x.sum());
      throw new RangeError('of the user');
    });
    const before = tf.memory();
    await expect(compiled(tf.tensor1d([1, 2]))).rejects.toThrow(new RangeError('of the user'));
    expect(variable.dataSync()[0]).toBe(1);
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    expect(tf.scalar(2).square().dataSync()[0]).toBe(4);
    expect(Math.random()).toBeLessThan(1);
    compiled.dispose();
  });

  it('a number that changes at every call', async () => {
    const compiled = compile((x: tf.Tensor, factor: number) => x.mul(factor), { maxTraces: 3 });
    const x = tf.scalar(1);
    for (const factor of [1, 2, 3]) await compiled(x, factor);
    await expect(compiled(x, 4)).rejects.toMatchObject({ code: 'too-many-traces' });
    compiled.dispose();
  });

  it('the debug mode finds numbers that JavaScript computes anew', async () => {
    let counter = 0;
    const countUp = (x: tf.Tensor1D) => x.mul(++counter);
    await expect(errorOf(countUp, { debug: true })).resolves.toMatchObject({ code: 'host-randomness' });
    const steady = compile((x: tf.Tensor1D) => x.mul(3).add(tf.randomNormal([2], 0, 1, 'float32', 7)), {
      debug: true,
    });
    expect((await steady(tf.tensor1d([1, 2]))).shape).toEqual([2]);
    steady.dispose();
  });
});
