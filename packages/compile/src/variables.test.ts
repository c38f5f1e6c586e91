import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './index.ts';
import { disposeLater } from './testing/dispose-later.ts';
import { loadNative } from './testing/native.ts';

beforeAll(loadNative);

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('the identity of variables', () => {
  it('tells two variables made of one tensor apart', async () => {
    const zeros = tf.zeros([2]);
    const [a, b] = [tf.variable(zeros), tf.variable(zeros)];
    const step = disposeLater(
      compile(() => {
        a.assign(a.add(1));
        b.assign(b.add(10));
      }),
    );
    await step();
    await step();
    expect([values(a), values(b), values(zeros)]).toEqual([
      [2, 2],
      [20, 20],
      [0, 0],
    ]);
  });

  it('tells a variable from the constant it was made of', async () => {
    const start = tf.tensor1d([5]);
    const w = tf.variable(start);
    const step = disposeLater(
      compile(() => {
        w.assign(w.add(1));
        return w.sub(start);
      }),
    );
    (await step()).dispose();
    expect(values(await step())).toEqual([2]);
  });

  it('assigns variables to each other: exchange, copy-back', async () => {
    const [slow, fast] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
    const exchange = disposeLater(
      compile(() => {
        const old = slow.clone();
        slow.assign(fast);
        fast.assign(old);
      }),
    );
    await exchange();
    expect([values(slow), values(fast)]).toEqual([[2], [1]]);
    await exchange();
    expect([values(slow), values(fast)]).toEqual([[1], [2]]);
    // Lookahead's copy-back outside: afterwards both share their data.
    fast.assign(slow as tf.Tensor as tf.Scalar);
    const grow = disposeLater(
      compile(() => {
        fast.assign(fast.mul(3));
      }),
    );
    await grow();
    expect([values(slow), values(fast)]).toEqual([[1], [3]]);
  });

  it('knows a variable that got its data from one that has been disposed of', async () => {
    const [first, second] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
    const step = disposeLater(
      compile({
        first: () => {
          first.assign(first.add(1));
        },
        second: () => {
          second.assign(tf.scalar(7));
        },
      }),
    );
    await step.first();
    second.assign(first);
    first.dispose();
    await step.second();
    expect(values(second)).toEqual([7]);
  });

  it('leaves clones at the value they were made with', async () => {
    const w = tf.variable(tf.scalar(1));
    const step = disposeLater(
      compile(() => {
        w.assign(w.mul(2));
      }),
    );
    await step();
    const average = tf.variable(w.clone());
    const snapshot = w.clone();
    await step();
    await step();
    expect([values(snapshot), values(average), values(w)]).toEqual([[2], [2], [8]]);
  });

  it('reads the old value where it is used before the assignment, the new one after it', async () => {
    const w = tf.variable(tf.scalar(3));
    const step = disposeLater(
      compile(() => {
        const before = w.mul(1);
        w.assign(w.add(1));
        w.assign(w.mul(10));
        return { before, after: w.mul(1) };
      }),
    );
    const first = await step();
    expect([values(first.before), values(first.after), values(w)]).toEqual([[3], [40], [40]]);
    const second = await step();
    expect([values(second.before), values(second.after)]).toEqual([[40], [410]]);
  });
});

describe('values inside and outside', () => {
  it('reads outside what a compiled step has assigned', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const step = disposeLater(
      compile((x: tf.Tensor) => {
        w.assign(w.add(x));
      }),
    );
    await step(tf.scalar(1));
    expect(values(w.mul(1))).toEqual([2, 3]);
    await step(tf.scalar(1));
    expect(Array.from(await w.data())).toEqual([3, 4]);
    await step(tf.scalar(1));
    expect(values(w)).toEqual([4, 5]);
  });

  it('does not take an old value for the new one when a step begins while it is read', async () => {
    const w = tf.variable(tf.scalar(1));
    const step = disposeLater(
      compile(() => {
        w.assign(w.add(1));
      }),
    );
    await step();
    const reading = w.data();
    const running = step();
    expect(Array.from(await reading)).toEqual([2]);
    await running;
    expect(values(w)).toEqual([3]);
  });

  it('reads many variables at once, one after the other or together, also between steps', async () => {
    const variables = [1, 2, 3, 4, 5, 6].map((value) => tf.variable(tf.scalar(value)));
    const step = disposeLater(
      compile((x: tf.Scalar) => {
        for (const variable of variables) variable.assign(variable.add<tf.Scalar>(x));
      }),
    );
    await step(tf.scalar(10));
    expect(variables.flatMap(values)).toEqual([11, 12, 13, 14, 15, 16]);
    await step(tf.scalar(10));
    const reads = Promise.all(variables.map((variable) => variable.data()));
    const running = step(tf.scalar(10));
    expect((await reads).map(([value]) => value)).toEqual([21, 22, 23, 24, 25, 26]);
    await running;
    variables[1]?.assign(tf.scalar(0));
    expect(variables.flatMap(values)).toEqual([31, 0, 33, 34, 35, 36]);
    variables[5]?.dispose();
    expect(variables.slice(0, 5).flatMap(values)).toEqual([31, 0, 33, 34, 35]);
  });

  it('gives a step what was assigned outside', async () => {
    const w = tf.variable(tf.scalar(1));
    const step = disposeLater(
      compile(() => {
        w.assign(w.add(1));
        return w.mul(1);
      }),
    );
    await step();
    w.assign(tf.scalar(100));
    expect(values(await step())).toEqual([101]);
    expect(values(w)).toEqual([101]);
  });

  it('keeps the order of calls that nobody waits for, and of reads among them', async () => {
    const w = tf.variable(tf.scalar(0));
    const step = disposeLater(
      compile((x: tf.Scalar) => {
        w.assign(w.mul(10).add(x));
        return w.mul(1);
      }),
    );
    await step(tf.scalar(1));
    const second = step(tf.scalar(2));
    const third = step(tf.scalar(3));
    expect(values(w)).toEqual([123]);
    const fourth = step(tf.scalar(4));
    w.assign(tf.scalar(7));
    const fifth = step(tf.scalar(5));
    const results = await Promise.all([second, third, fourth, fifth]);
    expect(results.flatMap(values)).toEqual([12, 123, 1234, 75]);
  });

  it('shares state between functions compiled together and apart', async () => {
    const w = tf.variable(tf.scalar(1));
    const together = disposeLater(
      compile({
        train: (x: tf.Scalar) => {
          w.assign(w.add(x));
        },
        evaluate: () => w.mul(2),
      }),
    );
    const apart = disposeLater(
      compile(() => {
        w.assign(w.mul(10));
        return w.mul(1);
      }),
    );
    await together.train(tf.scalar(2));
    expect(values(await together.evaluate())).toEqual([6]);
    expect(values(await apart())).toEqual([30]);
    await together.train(tf.scalar(3));
    expect(values(await together.evaluate())).toEqual([66]);
    expect(values(await apart())).toEqual([330]);
    expect(values(w)).toEqual([330]);
  });

  it('keeps the values when a function is disposed of', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const step = compile(() => {
      w.assign(w.add(1));
    });
    await step();
    const snapshot = w.clone();
    await step();
    step.dispose();
    expect([values(snapshot), values(w)]).toEqual([
      [2, 3],
      [3, 4],
    ]);
    const again = disposeLater(
      compile(() => {
        w.assign(w.add(1));
      }),
    );
    await again();
    expect(values(w)).toEqual([4, 5]);
  });

  it('leaves every variable as it was when a step fails on its way to the result', async () => {
    const w = tf.variable(tf.scalar(1));
    const counter = tf.variable(tf.scalar(0));
    const table = tf.tensor1d([1, 2, 3]);
    const step = disposeLater(
      compile((index: tf.Tensor1D) => {
        counter.assign(counter.add(1));
        const loss = table.gather(index).sum().mul(w);
        w.assign(w.sub<tf.Scalar>(loss));
        return loss;
      }),
    );
    await step(tf.tensor1d([0], 'int32'));
    expect([values(w), values(counter)]).toEqual([[0], [1]]);
    await expect(step(tf.tensor1d([9], 'int32'))).rejects.toThrow();
    expect([values(w), values(counter)]).toEqual([[0], [1]]);
  });

  it('refuses a variable that has been disposed of', async () => {
    const w = tf.variable(tf.scalar(1));
    const step = disposeLater(compile(() => w.mul(2)));
    await step();
    w.dispose();
    await expect(step()).rejects.toMatchObject({ code: 'disposed' });
  });

  it('works with variables of int32 and bool', async () => {
    const count = tf.variable(tf.scalar(1, 'int32'));
    const flag = tf.variable(tf.scalar(false, 'bool'));
    const step = disposeLater(
      compile(() => {
        count.assign(count.add<tf.Scalar>(tf.scalar(1, 'int32')));
        flag.assign(flag.logicalNot<tf.Scalar>());
      }),
    );
    await step();
    expect([values(count), values(flag)]).toEqual([[2], [1]]);
    await step();
    expect([values(count), values(flag)]).toEqual([[3], [0]]);
  });
});
