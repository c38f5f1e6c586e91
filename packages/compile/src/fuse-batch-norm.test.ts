import * as tf from '@tensorflow/tfjs';
import { nativeSessions } from '@superconvergence/engine';
import { batchNormTraining, biasAdd, relu } from '@superconvergence/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { fuseBatchNorm } from './fuse-batch-norm.ts';
import { reachableNodes, type Computation } from './graph.ts';
import { compile } from './index.ts';
import { nativeBackend } from './native-backend.ts';
import { typeOf } from './rewrite.ts';
import { flatten } from './structure.ts';
import { loadNative, relativeError } from './testing/native.ts';
import { trace } from './trace.ts';

beforeAll(loadNative);

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0.3, 1, 'float32', seed);

/** A piece of network between an input and a loss, and its variables. */
interface Piece {
  readonly fn: (x: tf.Tensor4D) => tf.Tensor4D;
  readonly variables: readonly tf.Variable[];
}

function channels(seed: number): tf.Variable<tf.Rank.R1> {
  return tf.variable(normal([3], seed) as tf.Tensor1D);
}

/** Batch normalisation with variables of its own. */
function batchNorm(seed: number): Piece {
  const [gamma, beta] = [channels(seed), channels(seed + 1)];
  return { fn: (x) => batchNormTraining(x, gamma, beta).y, variables: [gamma, beta] };
}

const cases: { name: string; create: () => Piece; fused: number; left: string[] }[] = [
  {
    name: 'bias, normalisation, rectifier',
    create: () => {
      const [bias, norm] = [channels(1), batchNorm(2)];
      return { fn: (x) => relu(norm.fn(biasAdd(x, bias))), variables: [bias, ...norm.variables] };
    },
    fused: 1,
    left: [],
  },
  {
    name: 'normalisation, shortcut, rectifier',
    create: () => {
      const { fn, variables } = batchNorm(2);
      return { fn: (x) => relu(tf.add<tf.Tensor4D>(x, fn(x.square()))), variables };
    },
    fused: 1,
    left: [],
  },
  {
    name: 'two normalised terms of one sum',
    create: () => {
      const [first, second] = [batchNorm(2), batchNorm(4)];
      return {
        fn: (x) => relu(tf.add<tf.Tensor4D>(first.fn(x), second.fn(x.square()))),
        variables: [...first.variables, ...second.variables],
      };
    },
    fused: 2,
    left: [],
  },
  { name: 'normalisation alone', create: () => batchNorm(2), fused: 1, left: [] },
  {
    name: 'a sum before the rectifier that others use too',
    create: () => {
      const { fn, variables } = batchNorm(2);
      return {
        fn: (x) => {
          const sum = tf.add<tf.Tensor4D>(x, fn(x));
          return tf.mul<tf.Tensor4D>(sum, relu(sum));
        },
        variables,
      };
    },
    fused: 1,
    left: ['Relu', 'ReluGrad'],
  },
];

function gradients({ fn, variables }: Piece) {
  return (x: tf.Tensor4D) => {
    const target = normal([2, 4, 5, 3], 9);
    const { value, grads } = tf.variableGrads(() => fn(x).mul(target).sum<tf.Scalar>(), [...variables]);
    const dx = tf.grad((input) =>
      fn(input as tf.Tensor4D)
        .mul(target)
        .sum(),
    )(x);
    return [value, dx, ...variables.map(({ name }) => grads[name] as tf.Tensor)];
  };
}

function operations(computation: Computation): string[] {
  return reachableNodes(computation).flatMap((node) => typeOf(node) ?? []);
}

describe('fuseBatchNorm', () => {
  it.each(cases)('joins $name, and the results stay', async ({ create, fused, left }) => {
    const x = normal([2, 4, 5, 3], 7) as tf.Tensor4D;
    const fn = gradients(create());
    const sessions = nativeSessions();
    const backend = nativeBackend();
    if (sessions === undefined || backend === undefined) throw new Error('no native session');
    const { computation } = trace(fn, flatten([x]), { backend, sessions });
    const after = operations(fuseBatchNorm(computation, 0));
    // The loss and the gradient of x are two passes each.
    expect(after.filter((type) => type === 'SuperconvergenceBatchNormTraining')).toHaveLength(2 * fused);
    expect(after.filter((type) => type === 'SuperconvergenceBatchNormTrainingGrad')).toHaveLength(2 * fused);
    const stock = ['FusedBatchNormV3', 'FusedBatchNormGradV3', 'Relu', 'ReluGrad', 'BiasAdd', 'BiasAddGrad'];
    expect([...new Set(after.filter((type) => stock.includes(type)))].sort()).toEqual(left);

    const expected = fn(x);
    const compiled = compile(fn);
    const found = await compiled(x);
    for (const [i, tensor] of found.entries()) {
      const wanted = expected[i]?.dataSync() ?? [];
      // The gradient of a bias before a normalisation is zero but for rounding.
      const isNothing = Math.max(...Array.from(wanted, Math.abs)) < 1e-4;
      if (isNothing) expect(Math.max(...Array.from(tensor.dataSync(), Math.abs))).toBeLessThan(1e-4);
      else expect(relativeError(tensor.dataSync(), wanted)).toBeLessThan(1e-5);
    }
    compiled.dispose();
  });

  it('leaves normalisation with given statistics alone', () => {
    const sessions = nativeSessions();
    const backend = nativeBackend();
    if (sessions === undefined || backend === undefined) throw new Error('no native session');
    const fn = (x: tf.Tensor4D) => tf.batchNorm(x, tf.zeros([3]), tf.ones([3]));
    const { computation } = trace(fn, flatten([normal([2, 4, 5, 3], 7)]), { backend, sessions });
    expect(operations(computation)).toContain('FusedBatchNorm');
    expect(operations(fuseBatchNorm(computation, 0))).toContain('FusedBatchNorm');
  });
});
