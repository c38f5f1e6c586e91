import * as tf from '@tensorflow/tfjs';
import { cifar3, leNet } from './families/caffe-networks.ts';
import type { CreateModelOptions } from './create-model.ts';
import { denseNet } from './families/dense-net.ts';
import { disciplinedResNet } from './families/disciplined-resnet.ts';
import { fixupWideResNet } from './families/fixup-wide-resnet.ts';
import { heResNet } from './families/he-resnet.ts';
import { initialiseWeights } from './initial-weights.ts';
import type { ModelFamily, ModelVariant } from './model-table.ts';
import type { Network, NetworkSettings } from './families/network-builder.ts';
import { preActivationBottleneck } from './families/pre-activation-bottleneck.ts';
import { registerLayers } from './layers/register-layers.ts';
import { residualNetwork } from './families/residual-network.ts';
import { superconvergenceResNet } from './families/superconvergence-resnet.ts';
import { wideResNet } from './families/wide-resnet.ts';

const DEFAULT_BATCH_NORM_MOMENTUM = 0.9;

/** Families without batch normalisation. */
const FAMILIES_WITHOUT_BATCH_NORM: readonly ModelFamily['family'][] = [
  'cifar3',
  'lenet',
  'fixup-wide-resnet',
];

/** Families that have a place for dropout layers. */
const FAMILIES_WITH_DROPOUT: readonly ModelFamily['family'][] = [
  'superconvergence-resnet',
  'wide-resnet',
  'fixup-wide-resnet',
  'densenet',
];

/**
 * Builds the network of a row of the table, or of one that isn't there, with its initial weights.
 *
 * @throws RangeError for an option out of range
 */
export function buildModel(
  variant: Omit<ModelVariant, keyof ModelFamily | 'source'> & ModelFamily,
  options: CreateModelOptions = {},
  name = 'model',
): tf.LayersModel {
  const {
    seed = 0,
    classes = variant.classes,
    inputShape = variant.inputShape,
    batchNormMomentum = variant.batchNormMomentum ?? DEFAULT_BATCH_NORM_MOMENTUM,
    batchNormGroups = 1,
    dropout = variant.dropout ?? 0,
  } = options;
  const settings = { classes, inputShape, batchNormMomentum, batchNormGroups, dropout };
  checkOptions({ seed, ...settings });
  if (dropout > 0 && !FAMILIES_WITH_DROPOUT.includes(variant.family)) {
    throw new RangeError(`dropout must be 0 for ${name}, which has no place for it, but is ${dropout}`);
  }
  for (const option of ['batchNormMomentum', 'batchNormGroups'] as const) {
    if (options[option] === undefined || !FAMILIES_WITHOUT_BATCH_NORM.includes(variant.family)) continue;
    throw new RangeError(`${option} is not for ${name}, which has no batch normalisation; leave it out`);
  }
  registerLayers();
  const { output, builder } = buildNetwork(variant, settings);
  const model = tf.model({ inputs: builder.input, outputs: output, name });
  initialiseWeights(model, (weight) => builder.initialisers.get(weight), seed);
  return model;
}

function buildNetwork(variant: ModelFamily, settings: NetworkSettings): Network {
  switch (variant.family) {
    case 'superconvergence-resnet':
      return superconvergenceResNet(variant, settings);
    case 'he-resnet':
      return heResNet(variant, settings);
    case 'pre-activation-bottleneck':
      return preActivationBottleneck(variant, settings);
    case 'disciplined-resnet':
      return disciplinedResNet(variant, settings);
    case 'densenet':
      return denseNet(variant, settings);
    case 'cifar3':
      return cifar3(settings);
    case 'lenet':
      return leNet(settings);
    case 'wide-resnet':
      return wideResNet(variant, settings);
    case 'fixup-wide-resnet':
      return fixupWideResNet(variant, settings);
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
  dropout,
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
  if (!(dropout >= 0 && dropout < 1)) {
    throw new RangeError(`dropout must be in [0, 1), but is ${dropout}`);
  }
}

function checkInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`${name} must be an integer in [${minimum}, ${maximum}], but is ${value}`);
  }
}
