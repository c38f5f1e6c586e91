import * as tf from '@tensorflow/tfjs';
import type { Initialiser } from './initialisers.ts';
import { randomGenerator } from './random-generator.ts';

/**
 * Gives weights of a model their initial values, each from a random stream of its own that depends on `seed` and the
 * weight's name alone. tfjs's own initialisers ignore their seed or repeat one stream in layers of equal shape.
 *
 * @param initialiserOf by the weight's name (`weight.originalName`, as `stage1/block1/conv1/kernel`); a weight without
 *   one is left as it is
 * @param seed integer, 0 … 2³² − 1
 * @example
 * initialiseWeights(model, (name) => (name.endsWith('/kernel') ? orthogonal(Math.SQRT2) : undefined), 1);
 */
export function initialiseWeights(
  model: tf.LayersModel,
  initialiserOf: (name: string) => Initialiser | undefined,
  seed: number,
): void {
  tf.tidy(() => {
    for (const weight of model.weights) {
      const initialiser = initialiserOf(weight.originalName);
      if (initialiser === undefined) continue;
      const shape = weight.shape as number[];
      weight.write(tf.tensor(initialiser(shape, randomGenerator(seed, weight.originalName)), shape));
    }
  });
}
