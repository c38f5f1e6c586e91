import { nativeSessions } from '@superconvergence/engine';
import { augmentImages } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { reachableNodes, type Computation } from './graph.ts';
import { holdBytes } from './hold-bytes.ts';
import { compile } from './index.ts';
import { nativeBackend } from './native-backend.ts';
import { flatten } from './structure.ts';
import { disposeLater } from './testing/dispose-later.ts';
import { loadNative } from './testing/native.ts';
import { trace } from './trace.ts';

beforeAll(loadNative);

const [numImages, size] = [100, 16];

function dataSet(largest: number): tf.Tensor4D {
  const numbers = Int32Array.from(
    { length: numImages * size * size * 3 },
    (_, i) => (i * 7919) % (largest + 1),
  );
  return tf.tensor4d(numbers, [numImages, size, size, 3], 'int32');
}

/** Batches of augmented images, by their indices. */
function createBatches(images: tf.Tensor4D) {
  return (indices: tf.Tensor1D, shifts: tf.Tensor2D, mirrors: tf.Tensor1D) =>
    augmentImages(
      images,
      { indices, shifts, mirrors },
      { padding: 4, mean: [120, 110, 100], standardDeviation: [60, 61, 62] },
    );
}

const draws = () =>
  [
    tf.tensor1d([3, 99, 3, 50], 'int32'),
    tf.tensor2d([0, 0, 4, -4, -2, 3, 1, 1], [4, 2], 'int32'),
    tf.tensor1d([0, 1, 1, 0], 'int32'),
  ] as const;

function constants(largest: number): number[] {
  const [sessions, backend] = [nativeSessions(), nativeBackend()];
  if (sessions === undefined || backend === undefined) throw new Error('no native session');
  const { computation } = trace(createBatches(dataSet(largest)), flatten(draws()), { backend, sessions });
  return largeConstants(holdBytes(computation));
}

/** TensorFlow's numbers of the types of a computation's large constants. */
function largeConstants(computation: Computation): number[] {
  return reachableNodes(computation).flatMap(({ source }) =>
    source.kind === 'constant' && source.tensor.data.length > 10_000 ? source.tensor.dtype : [],
  );
}

describe('holdBytes', () => {
  it('keeps a data set of bytes as bytes', () => {
    expect(constants(255)).toEqual([4]);
  });

  it('leaves larger numbers as they are', () => {
    expect(constants(256)).toEqual([3]);
  });

  it('gives the same batches', async () => {
    const batches = createBatches(dataSet(255));
    const compiled = disposeLater(compile(batches));
    const expected = batches(...draws()).dataSync();
    expect((await compiled(...draws())).dataSync()).toEqual(expected);
  });
});
