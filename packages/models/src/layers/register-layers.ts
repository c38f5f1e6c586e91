import * as tf from '@tensorflow/tfjs';
import { BatchStatisticsNormalization } from './batch-normalization.ts';
import { GroupedConvolution2D } from './grouped-convolution.ts';
import { LocalResponseNormalization } from './local-response-normalization.ts';
import { ScalarBias, ScalarScale } from './scalars.ts';

/**
 * Tells tfjs the layers of this package that it has none of its own for, so that `tf.loadLayersModel` can load saved
 * networks with them: Fixup's, `cifar3`, `bottleneck-56` and `resnext-56`. All other networks load without.
 *
 * `createModel` calls it; call it yourself where you only load. More than one call changes nothing.
 */
export function registerLayers(): void {
  for (const layer of [
    BatchStatisticsNormalization,
    GroupedConvolution2D,
    LocalResponseNormalization,
    ScalarBias,
    ScalarScale,
  ]) {
    tf.serialization.registerClass(layer);
  }
}
