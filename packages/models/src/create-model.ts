import * as tf from '@tensorflow/tfjs';
import { setInitialWeights } from './initial-weights.ts';
import { modelVariant, type ModelName, type ModelVariant } from './model-table.ts';
import type { NetworkBuilder, NetworkSettings } from './network-builder.ts';
import { residualNetwork } from './residual-network.ts';
import { superconvergenceResNet } from './superconvergence-resnet.ts';
import { wideResNet } from './wide-resnet.ts';

/** Options of {@link createModel}. */
export type CreateModelOptions = {
  /** Integer, 0 … 2³² − 1, that decides the initial weights. @default 0 */
  seed?: number;
  /** Number of logits. @default 10 for CIFAR networks, 1000 for ImageNet networks */
  classes?: number;
  /** Height, width and channels of an image. @default [32, 32, 3], or [224, 224, 3] for ImageNet networks */
  inputShape?: readonly [height: number, width: number, channels: number];
  /** What batch normalisation's moving averages keep of themselves at each step, in [0, 1]. @default 0.9 */
  batchNormMomentum?: number;
  /**
   * Ghost batch normalisation: in training, each batch is normalised in so many consecutive parts of equal size, as if
   * each were on a device of its own (1,000 images with 8 groups: 125 each). Must divide the size of every batch.
   *
   * @default 1
   * @see Hoffer, Hubara & Soudry, https://arxiv.org/abs/1705.08741
   */
  batchNormGroups?: number;
};

/**
 * Builds a network by name, with its initial weights set: `[N, height, width, channels]` float32 images to
 * `[N, classes]` float32 **logits** (no softmax).
 *
 * The same name, options and seed give the same weights, bit for bit. Weight names (`weight.originalName`) are
 * readable and stable, for example `stage1/block1/conv1/kernel`. All layers save as standard ones, so `model.save()`
 * gives a model that stock tfjs loads.
 *
 * @param name a name of `modelNames`, or `wrn-d-k` with d = 6n + 4
 * @throws RangeError for an unknown name or an option out of range
 * @example
 * const model = createModel('resnet-20', { seed: 1 });
 * model.outputShape; // [null, 10]
 * model.dispose();
 */
export function createModel(name: ModelName, options: CreateModelOptions = {}): tf.LayersModel {
  const variant = modelVariant(name);
  const {
    seed = 0,
    classes = variant.classes,
    inputShape = variant.inputShape,
    batchNormMomentum = 0.9,
    batchNormGroups = 1,
  } = options;
  const settings = { classes, inputShape, batchNormMomentum, batchNormGroups };
  checkOptions({ seed, ...settings });
  const { output, builder } = buildNetwork(variant, settings);
  const model = tf.model({ inputs: builder.input, outputs: output, name });
  setInitialWeights(model, builder.initialisers, seed);
  return model;
}

function buildNetwork(
  variant: ModelVariant,
  settings: NetworkSettings,
): { output: tf.SymbolicTensor; builder: NetworkBuilder } {
  switch (variant.family) {
    case 'superconvergence-resnet':
      return superconvergenceResNet(variant, settings);
    case 'wide-resnet':
      return wideResNet(variant, settings);
    case 'residual-network':
      return residualNetwork(variant, settings);
  }
}

function checkOptions({
  seed,
  classes,
  inputShape,
  batchNormMomentum,
  batchNormGroups,
}: Required<CreateModelOptions>): void {
  checkInteger('seed', seed, 0, 2 ** 32 - 1);
  checkInteger('classes', classes, 1, 1_000_000);
  checkInteger('batchNormGroups', batchNormGroups, 1, 1_000_000);
  const numSizes: number = inputShape.length;
  if (numSizes !== 3) {
    throw new RangeError(`inputShape must be [height, width, channels], but is [${inputShape.join(', ')}]`);
  }
  for (const size of inputShape) checkInteger('each number of inputShape', size, 1, 65_536);
  if (!(batchNormMomentum >= 0 && batchNormMomentum <= 1)) {
    throw new RangeError(`batchNormMomentum must be in [0, 1], but is ${batchNormMomentum}`);
  }
}

function checkInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`${name} must be an integer in [${minimum}, ${maximum}], but is ${value}`);
  }
}
