import * as tf from '@tensorflow/tfjs';
import type { Batch, BatchRequest, BatchSource } from '../batch-source.ts';

/** Two classes of 4×4 images that a small net can tell apart: bright on the left or on the right, with noise. */
export function leftOrRight(numExamples: number): BatchSource {
  return {
    numExamples,
    imageShape: [4, 4, 1],
    numClasses: 2,
    batch({ epoch, index, batchSize, seed }: BatchRequest): Batch {
      const n = Math.min(batchSize, numExamples - index * batchSize);
      const images = new Float32Array(n * 16);
      const labels = new Int32Array(n);
      for (let i = 0; i < n; i++) {
        const label = (index * batchSize + i) % 2;
        labels[i] = label;
        for (let pixel = 0; pixel < 16; pixel++) {
          const bright = pixel % 4 < 2 === (label === 0) ? 1 : -1;
          images[i * 16 + pixel] = bright * 0.3 + noise(seed, epoch, index * batchSize + i, pixel);
        }
      }
      return { images, labels };
    },
  };
}

/** Convolution, batch norm, dense: a kernel of each kind, and moving averages. */
export function smallNet(): tf.LayersModel {
  const init = (seed: number) => tf.initializers.randomNormal({ stddev: 0.3, seed });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [4, 4, 1],
        filters: 4,
        kernelSize: 3,
        kernelInitializer: init(1),
        name: 'conv',
      }),
      tf.layers.batchNormalization({ name: 'norm', momentum: 0.9 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, kernelInitializer: init(2), name: 'head' }),
    ],
  });
}

/** Uniform in [−1, 1), a function of its arguments alone. */
function noise(...integers: number[]): number {
  let hash = 0x9e3779b9;
  for (const integer of integers) {
    hash = Math.imul(hash ^ integer, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 31 - 1;
}
