import { nativeSessions } from '@superconvergence/engine';
import { batchNormTraining, relu } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { reachableNodes } from './graph.ts';
import { compile } from './index.ts';
import { nativeBackend } from './native-backend.ts';
import { typeOf } from './rewrite.ts';
import { flatten } from './structure.ts';
import { disposeLater } from './testing/dispose-later.ts';
import { loadNative } from './testing/native.ts';
import { trace } from './trace.ts';

beforeAll(loadNative);

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

function recordedOperations(fn: () => unknown): (string | undefined)[] {
  const [backend, sessions] = [nativeBackend(), nativeSessions()];
  if (backend === undefined || sessions === undefined) throw new Error('no native session');
  const { computation } = trace(fn, flatten([]), { backend, sessions });
  return reachableNodes(computation).map(typeOf);
}

describe('recording leaves tfjs as it was', () => {
  it('makes the first step once', async () => {
    const count = tf.variable(tf.scalar(0));
    const step = disposeLater(
      compile((x: tf.Tensor1D) => {
        count.assign(count.add(x.sum()));
      }),
    );
    for (const [shape, expected] of [
      [1, 1],
      [2, 3],
      [1, 4],
    ] as const) {
      await step(tf.ones([shape]));
      expect(values(count)).toEqual([expected]);
    }
  });

  it('keeps the gradient of stock relu beside the native one of ops', async () => {
    const gradientOf = (fn: (x: tf.Tensor) => tf.Tensor) => () => tf.grad(fn)(tf.tensor1d([-1, 2]));
    const stock = gradientOf((x) => tf.relu(x));
    const own = gradientOf((x) => relu(x));
    for (const fn of [own, stock]) expect(values(await disposeLater(compile(fn))())).toEqual([0, 1]);
    expect(values(stock())).toEqual([0, 1]);
    // tfjs multiplies by step(x).
    expect(recordedOperations(own)).toContain('ReluGrad');
    expect(recordedOperations(stock)).not.toContain('ReluGrad');
  });

  const failures: [string, (w: tf.Variable) => unknown][] = [
    ['in the loss', (w) => tf.variableGrads(() => w.square().mul<tf.Scalar>(w.dataSync()[0] ?? 0), [w])],
    [
      'in a gradient',
      (w) => {
        const broken = tf.customGrad((x) => ({
          value: (x as tf.Tensor).square(),
          gradFunc: () => {
            throw new RangeError('no gradient');
          },
        }));
        return tf.variableGrads(() => broken(w).sum<tf.Scalar>(), [w]);
      },
    ],
    [
      'within two tapes',
      (w) =>
        tf.grad((x) =>
          tf.grad((y) => {
            throw new RangeError(`no value of ${y.mul(w).shape.join()}`);
          })(x),
        )(tf.scalar(1)),
    ],
  ];

  it.each(failures)('leaves no tape and no scope open after an error %s', async (_where, fn) => {
    const w = tf.variable(tf.scalar(3));
    const { state } = tf.engine();
    const before = [state.gradientDepth, state.kernelDepth, state.scopeStack.length];
    const failing = disposeLater(compile(() => fn(w)));
    await expect(failing()).rejects.toThrow();
    expect([state.gradientDepth, state.kernelDepth, state.scopeStack.length]).toEqual(before);
    expect(values(tf.grad((x) => x.square())(tf.scalar(3)))).toEqual([6]);
    const { grads } = tf.variableGrads(() => w.square(), [w]);
    expect(values(grads[w.name] as tf.Tensor)).toEqual([6]);
    const square = disposeLater(compile(() => tf.variableGrads(() => w.square(), [w]).value));
    expect(values(await square())).toEqual([9]);
  });
});

describe('a compiled function among others', () => {
  it('may be called in tf.tidy, which does not own what comes later', async () => {
    const total = tf.variable(tf.scalar(0));
    const step = disposeLater(
      compile((x: tf.Tensor1D) => {
        total.assign(total.add(x.sum()));
        return x.mul(total);
      }),
    );
    const callInTidy = (size: number) => {
      const running: Promise<tf.Tensor>[] = [];
      tf.tidy(() => {
        running.push(step(tf.ones<tf.Rank.R1>([size])));
      });
      return running[0] as Promise<tf.Tensor>;
    };
    const results: number[][] = [];
    // The first is recorded later, the third at once.
    for (const size of [1, 1, 2, 2, 1]) {
      const result = await callInTidy(size);
      results.push(values(result));
      result.dispose();
    }
    expect(results).toEqual([[1], [2], [4, 4], [6, 6], [7]]);
    const { numTensors } = tf.memory();
    (await callInTidy(2)).dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(values(total)).toEqual([9]);
  });

  it('may be recorded while another is: first calls that nobody waits for keep their order', async () => {
    const w = tf.variable(tf.scalar(1));
    const times10 = disposeLater(
      compile(() => {
        w.assign(w.mul(10));
        return w.mul(1);
      }),
    );
    const plus = disposeLater(
      compile((x: tf.Scalar) => {
        w.assign(w.add(x));
        return w.mul(1);
      }),
    );
    const running = [times10(), plus(tf.scalar(2)), times10(), plus(tf.scalar(3))];
    expect((await Promise.all(running)).flatMap(values)).toEqual([10, 12, 120, 123]);
    expect(values(w)).toEqual([123]);
  });

  it('may be disposed of while its first call waits, which says so', async () => {
    const fn = compile((x: tf.Tensor) => x.mul(2));
    const running = fn(tf.scalar(1));
    fn.dispose();
    await expect(running).rejects.toMatchObject({ code: 'disposed' });
  });

  it('takes up a variable that was made between two calls', async () => {
    const variables: tf.Variable[] = [tf.variable(tf.scalar(1))];
    const step = disposeLater(
      compile((x: tf.Tensor1D) => {
        for (const [i, variable] of variables.entries()) variable.assign(variable.add(x.sum().mul(i + 1)));
      }),
    );
    await step(tf.ones([1]));
    // Its data is the first variable's, which only the session has.
    variables.push(tf.variable((variables[0] as tf.Tensor).clone()));
    await step(tf.ones([1]));
    expect(variables.flatMap(values)).toEqual([3, 2]);
    await step(tf.ones([2]));
    expect(variables.flatMap(values)).toEqual([5, 6]);
    await step(tf.ones([1]));
    expect(variables.flatMap(values)).toEqual([6, 6]);
  });

  it('is recorded again for a smaller last batch, and not for the next full one', async () => {
    const w = tf.variable(tf.tensor2d([[1], [2]]));
    let numRecorded = 0;
    const step = disposeLater(
      compile((x: tf.Tensor2D) => {
        numRecorded += 1;
        const { value, grads } = tf.variableGrads(() => tf.matMul(x, w).mean(), [w]);
        w.assign(w.sub(grads[w.name] as tf.Tensor));
        return value;
      }),
    );
    const losses: number[][] = [];
    for (const size of [4, 3, 4, 3]) losses.push(values(await step(tf.ones<tf.Rank.R2>([size, 2]))));
    // The loss is w₁ + w₂, the gradient of each 1.
    expect(losses).toEqual([[3], [1], [-1], [-3]]);
    expect(numRecorded).toBe(2);
  });

  it('keeps a number from outside as it was when it was recorded', async () => {
    let factor = 2;
    const multiply = disposeLater(compile((x: tf.Tensor1D) => x.mul(factor)));
    expect(values(await multiply(tf.tensor1d([1])))).toEqual([2]);
    factor = 3;
    expect(values(await multiply(tf.tensor1d([1])))).toEqual([2]);
    expect(values(await multiply(tf.tensor1d([1, 1])))).toEqual([3, 3]);
  });
});

describe('moving variances', () => {
  /** 14/3: the squares of −2, −1, 0 and 3, over one less than their number. */
  const unbiased = 14 / 3;
  const collect = async (how: (fn: (x: tf.Tensor4D) => tf.Tensor) => Promise<tf.Tensor>): Promise<number> => {
    const moving = tf.variable(tf.ones([1]));
    const y = await how((x) => {
      const norm = batchNormTraining(x, tf.ones([1]), tf.zeros([1]));
      moving.assign(moving.mul(0.9).add(norm.variance.mul(0.1)));
      return norm.y;
    });
    y.dispose();
    const [value = NaN] = values(moving);
    moving.dispose();
    return value;
  };
  const x = () => tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);

  it('are unbiased compiled, eager and on plain JavaScript', async () => {
    const compiled = await collect((fn) => disposeLater(compile(fn))(x()));
    const eager = await collect((fn) => Promise.resolve(fn(x())));
    await tf.setBackend('cpu');
    const plain = await collect((fn) => Promise.resolve(fn(x())));
    await tf.setBackend('tensorflow');
    for (const variance of [compiled, eager, plain]) expect(variance).toBeCloseTo(0.9 + 0.1 * unbiased, 6);
  });
});
