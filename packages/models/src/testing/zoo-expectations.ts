import { readFileSync } from 'node:fs';
import { modelNames, modelVariant, type ModelFamily } from '../index.ts';

type Name = (typeof modelNames)[number];

/** What a network must be. */
export type ExpectedModel = {
  name: Name;
  /** Trainable parameters. */
  parameters: number;
  /** Multiply-accumulates of convolutions and dense layers for one image. */
  multiplyAccumulates: number;
  /** Images for the gradient check: enough that the last batch normalisation has something to normalise. */
  batchSize: number;
};

/** Tens of millions of parameters, hundreds of layers or thousands of pixels: for the slow tests. */
const LARGE =
  /^(wrn-(16|28)-10|wrn-40-4|resnet-(18|34|50|101)$|resnet-50-|he-resnet-(44|56|110)|resnet-(32|44)$|resnet-56-dropout)/;

/** The networks of the table, those for the slow tests or the others, with what PyTorch counts of each. */
export function expectedModels(size: 'small' | 'large'): ExpectedModel[] {
  return modelNames
    .filter((name) => LARGE.test(name) === (size === 'large'))
    .map((name) => ({ name, ...countedInPytorch(name), batchSize: batchSizeOf(modelVariant(name)) }));
}

/** What fixtures/pytorch counted on the network that it wrote down from the sources. */
export function countedInPytorch(name: Name): { parameters: number; multiplyAccumulates: number } {
  const counts = PYTORCH_COUNTS[name];
  if (counts === undefined) throw new Error(`fixtures/pytorch/parameters.json has no ${name}`);
  return counts;
}

const PYTORCH_COUNTS = JSON.parse(
  readFileSync(new URL('../../../../fixtures/pytorch/parameters.json', import.meta.url), 'utf8'),
) as Partial<Record<string, { parameters: number; multiplyAccumulates: number }>>;

function batchSizeOf({
  family,
  inputShape: [height],
}: ModelFamily & { inputShape: readonly number[] }): number {
  if (height === 224) return 2;
  return family === 'residual-network' ? 16 : 4;
}

/** Classes of tfjs-layers and Keras: a model saved with these needs nothing of this package. */
export const STOCK_LAYERS: ReadonlySet<string> = new Set([
  'Add',
  'AveragePooling2D',
  'BatchNormalization',
  'Concatenate',
  'Conv2D',
  'Dense',
  'Dropout',
  'Flatten',
  'GlobalAveragePooling2D',
  'InputLayer',
  'MaxPooling2D',
  'ReLU',
  'ZeroPadding2D',
]);

/** Layers of this package that a family needs beside those. */
export function ownLayersOf({ family, ...variant }: ModelFamily): string[] {
  switch (family) {
    case 'fixup-wide-resnet':
      return ['ScalarBias', 'ScalarScale'];
    case 'cifar3':
      return ['LocalResponseNormalization'];
    case 'pre-activation-bottleneck': {
      const { groups } = variant as Extract<ModelFamily, { family: typeof family }>;
      return ['BatchStatisticsNormalization', ...(groups > 1 ? ['GroupedConvolution2D'] : [])];
    }
    default:
      return [];
  }
}

/**
 * Whether batch normalisation cancels a weight, so that its true gradient is 0: the biases of convolutions before it.
 * (In the pre-activation networks those of whole branches, up to the head's batch normalisation.)
 */
export function isCancelled({ family }: ModelFamily, weight: string): boolean {
  const cancels = ['superconvergence-resnet', 'pre-activation-bottleneck', 'disciplined-resnet'].includes(
    family,
  );
  return cancels && /(conv\d?|shortcut)\/bias$/.test(weight);
}
