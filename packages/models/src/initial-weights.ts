import * as tf from '@tensorflow/tfjs';
import { randomGenerator } from './random-generator.ts';

/** How a weight starts, when it doesn't start as its layer made it (kernels and shifts 0, scales 1). */
export type Initialiser = { kind: 'normal'; standardDeviation: number } | { kind: 'uniform'; limit: number };

/**
 * Gives the weights of a model their initial values: each from a random stream of its own, by its name.
 *
 * @param initialisers from weight name to its distribution
 */
export function setInitialWeights(
  model: tf.LayersModel,
  initialisers: ReadonlyMap<string, Initialiser>,
  seed: number,
): void {
  tf.tidy(() => {
    for (const weight of model.weights) {
      const initialiser = initialisers.get(weight.originalName);
      if (initialiser === undefined) continue;
      const values = new Float32Array(tf.util.sizeFromShape(weight.shape as number[]));
      const random = randomGenerator(seed, weight.originalName);
      if (initialiser.kind === 'normal') random.fillNormal(values, initialiser.standardDeviation);
      else random.fillUniform(values, initialiser.limit);
      weight.write(tf.tensor(values, weight.shape as number[]));
    }
  });
}
