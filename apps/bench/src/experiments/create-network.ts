import { createModel, type ModelName } from '@superconvergence/models';
import type { BatchSource } from '@superconvergence/trainer';
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { BenchError } from '../errors.ts';

/** Options of a network that a run's configuration may have; without them it is as its source says. */
export const networkConfigShape = {
  dropout: z.number().min(0).lt(1).optional(),
  batchNormMomentum: z.number().min(0).max(1).optional(),
  batchNormGroups: z.int().positive().optional(),
};

export interface NetworkConfig extends z.infer<z.ZodObject<typeof networkConfigShape>> {
  readonly model: ModelName;
  readonly seed: number;
}

/**
 * The network of a configuration, for images of the data's size and as many classes.
 *
 * @throws BenchError `usage` where there is none such
 */
export function createNetwork(
  { model, seed, dropout, batchNormMomentum, batchNormGroups }: NetworkConfig,
  { numClasses: classes, imageShape: inputShape }: Pick<BatchSource, 'numClasses' | 'imageShape'>,
): tf.LayersModel {
  const options = { seed, classes, inputShape, dropout, batchNormMomentum, batchNormGroups };
  try {
    return createModel(model, options);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const images = `images of ${inputShape.join('×')}`;
    throw new BenchError('usage', `${model} can't be built so for ${images}: ${cause.message}.`, { cause });
  }
}
