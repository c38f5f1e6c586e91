import { nativeSessions } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { reachableNodes, type Computation } from './graph.ts';
import { compile } from './index.ts';
import { nativeBackend } from './native-backend.ts';
import { replaceConvolutions } from './replace-convolutions.ts';
import { typeOf } from './rewrite.ts';
import { flatten } from './structure.ts';
import { loadNative, relativeError } from './testing/native.ts';
import { trace } from './trace.ts';

beforeAll(loadNative);

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

interface Convolution {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
}

/** A convolution with the gradients of its filter and of its input. */
function withGradients({ image, filter, strides = 1, padding = 'same' }: Convolution) {
  const w = tf.variable(normal(filter, 2));
  const run = (input: tf.Tensor) => tf.conv2d(input as tf.Tensor4D, w as tf.Tensor4D, strides, padding);
  const weights = normal(
    tf.tidy(() => run(normal(image, 1)).shape),
    3,
  );
  return (x: tf.Tensor4D) => {
    const score = (input: tf.Tensor) => run(input).mul(weights).sum<tf.Scalar>();
    const { grads } = tf.variableGrads(() => score(x), [w]);
    return [run(x), tf.grad(score)(x), grads[w.name] as tf.Tensor];
  };
}

function operations(computation: Computation): string[] {
  return reachableNodes(computation).flatMap((node) => typeOf(node) ?? []);
}

function recorded(convolution: Convolution): string[] {
  const [sessions, backend] = [nativeSessions(), nativeBackend()];
  if (sessions === undefined || backend === undefined) throw new Error('no native session');
  const args = flatten([normal(convolution.image, 1)]);
  const { computation } = trace(withGradients(convolution), args, { backend, sessions });
  return operations(replaceConvolutions(computation, 0));
}

describe('replaceConvolutions', () => {
  it.each<Convolution>([
    { image: [8, 8, 8, 16], filter: [3, 3, 16, 32] },
    { image: [6, 5, 9, 32], filter: [3, 3, 32, 16] },
  ])('computes the same with the engine: $image, $filter', async (convolution) => {
    const types = recorded(convolution);
    expect(types).toContain('SuperconvergenceConvolution');
    expect(types).toContain('SuperconvergenceConvolutionFilterGrad');
    expect(types.filter((type) => type.startsWith('Conv2D'))).toEqual([]);

    const x = normal(convolution.image, 1) as tf.Tensor4D;
    const fn = withGradients(convolution);
    const expected = fn(x);
    const compiled = compile(fn);
    for (const [i, tensor] of (await compiled(x)).entries()) {
      expect(relativeError(tensor.dataSync(), expected[i]?.dataSync() ?? [])).toBeLessThan(3e-6);
    }
    compiled.dispose();
  });

  it.each<[string, Convolution]>([
    ['a stride', { image: [8, 8, 8, 16], filter: [3, 3, 16, 16], strides: 2 }],
    ['no border', { image: [8, 8, 8, 16], filter: [3, 3, 16, 16], padding: 'valid' }],
    ['another filter', { image: [8, 8, 8, 16], filter: [1, 1, 16, 16] }],
    ['few tiles', { image: [1, 8, 8, 16], filter: [3, 3, 16, 16] }],
    ['few channels', { image: [8, 8, 8, 3], filter: [3, 3, 3, 16] }],
  ])('leaves convolutions with %s to TensorFlow', (_what, convolution) => {
    expect(recorded(convolution).filter((type) => type.startsWith('Superconvergence'))).toEqual([]);
  });
});
