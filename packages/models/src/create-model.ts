import type * as tf from '@tensorflow/tfjs';
import { buildModel } from './build-model.ts';
import { modelVariant, type ModelName } from './model-table.ts';

/** Options of {@link createModel}. */
export type CreateModelOptions = {
  /** Integer, 0 … 2³² − 1, that decides the initial weights. @default 0 */
  seed?: number;
  /** Number of logits. @default 10 for CIFAR and MNIST networks, 1000 for ImageNet networks */
  classes?: number;
  /** Height, width and channels of an image. @default [32, 32, 3]; [224, 224, 3] for ImageNet, [28, 28, 1] for MNIST */
  inputShape?: readonly [height: number, width: number, channels: number];
  /**
   * What batch normalisation's moving averages keep of themselves at each step, in [0, 1]. They start at mean 0 and
   * variance 1 and are not corrected for it, as in PyTorch and TensorFlow; Caffe's are, so that its 0.999 (SC's multistep
   * runs, `densenet-40`) is usable from the first step. Here it needs thousands of steps, or `recalibrateBatchNorm` of
   * `@superconvergence/trainer` before a test.
   *
   * @default what the source has (`modelVariant(name).batchNormMomentum`), else 0.9
   */
  batchNormMomentum?: number;
  /**
   * Ghost batch normalisation: in training, each batch is normalised in so many consecutive parts of equal size, as if
   * each were on a device of its own (1,000 images with 8 groups: 125 each). Must divide the size of every batch.
   *
   * @default 1
   * @see Hoffer, Hubara & Soudry, https://arxiv.org/abs/1705.08741
   */
  batchNormGroups?: number;
  /**
   * Rate of the dropout layers, in [0, 1), for families that have a place for them: `resnet-8 … 110`, `densenet-40` and
   * the wide networks. 0: there are none.
   *
   * @default what the source has: 0.2 for `resnet-56-dropout` and `densenet-40`, else 0
   */
  dropout?: number;
};

/**
 * Builds a network by name, with its initial weights set: `[N, height, width, channels]` float32 images to
 * `[N, classes]` float32 **logits** (no softmax).
 *
 * The same name, options and seed give the same weights, bit for bit. Weight names (`weight.originalName`) are
 * readable and stable, for example `stage1/block1/conv1/kernel`. But for Fixup's networks, `cifar3`, `bottleneck-56`
 * and `resnext-56`, layers save as standard ones, so that `model.save()` gives a model that stock tfjs loads; those need
 * {@link registerLayers}.
 *
 * @param name a name of `modelNames`, or `wrn-d-k`, `wrn-d-k-fixup`, `wrn-d-k-fixup-scalar` with d = 6n + 4
 * @throws RangeError for an unknown name or an option out of range
 * @example
 * const model = createModel('resnet-20', { seed: 1 });
 * model.outputShape; // [null, 10]
 * model.dispose();
 */
export function createModel(name: ModelName, options: CreateModelOptions = {}): tf.LayersModel {
  return buildModel(modelVariant(name), options, name);
}
