import * as tf from '@tensorflow/tfjs';
import { startContender } from './contender-process.ts';
import { matmulCommandLine } from './contenders.ts';
import type { NodeStep } from './create-step.ts';

const size = 4096;
const repetitions = 5;

/** A "training step" that is one matrix product, 4096³ in float32, in the TensorFlow of our contenders. */
export function createMatmulStep(): NodeStep {
  const matrix = (scale: number) =>
    tf.tidy(() =>
      tf
        .linspace(-scale, scale, size ** 2)
        .sin()
        .reshape<tf.Tensor2D>([size, size]),
    );
  const [a, b] = [matrix(1e6), matrix(2e6)];
  return {
    async step() {
      const corner = tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]));
      const [value = NaN] = await corner.data();
      corner.dispose();
      return value;
    },
    parameters: 0,
    settings: `${size}³`,
  };
}

/** The machine's limit: the best of five matrix products in a process of their own, in GFLOP/s. */
export async function measureMatmulPeak(signal: AbortSignal): Promise<number> {
  const contender = await startContender(matmulCommandLine(), signal);
  try {
    let best = Infinity;
    for (let i = 0; i < repetitions; i++) best = Math.min(best, (await contender.run(0)).seconds);
    await contender.quit();
    return (2 * size ** 3) / best / 1e9;
  } finally {
    contender.kill();
  }
}
