import type { DenseNetOptions } from './families/dense-net.ts';
import type { DisciplinedResNetOptions } from './families/disciplined-resnet.ts';
import type { FixupWideResNetOptions } from './families/fixup-wide-resnet.ts';
import type { HeResNetOptions } from './families/he-resnet.ts';
import type { PreActivationBottleneckOptions } from './families/pre-activation-bottleneck.ts';
import type { ResidualNetworkOptions } from './families/residual-network.ts';

/** What decides the layers of a network. */
export type ModelFamily =
  | { family: 'superconvergence-resnet'; blocksPerStage: number }
  | ({ family: 'he-resnet' } & HeResNetOptions)
  | ({ family: 'pre-activation-bottleneck' } & PreActivationBottleneckOptions)
  | ({ family: 'disciplined-resnet' } & DisciplinedResNetOptions)
  | ({ family: 'densenet' } & DenseNetOptions)
  | { family: 'cifar3' }
  | { family: 'lenet' }
  | { family: 'wide-resnet'; depth: number; widenFactor: number }
  | ({ family: 'fixup-wide-resnet' } & FixupWideResNetOptions)
  | ({ family: 'residual-network' } & ResidualNetworkOptions);

/** What the table says of one network. */
export type ModelVariant = {
  /** Where the network comes from. */
  source: string;
  /** Height, width and channels that it was made for. */
  inputShape: readonly [number, number, number];
  classes: number;
  /** Rate of its dropout layers, where its source has any. */
  dropout?: number;
  /** What its source's moving averages keep of themselves at each step, where it has one such number below 0.99. */
  batchNormMomentum?: number;
} & ModelFamily;

const CIFAR = { inputShape: [32, 32, 3], classes: 10 } as const;
const MNIST = { inputShape: [28, 28, 1], classes: 10 } as const;
const IMAGENET = { inputShape: [224, 224, 3], classes: 1000 } as const;

const SC_PAPER = 'Smith & Topin, arXiv:1708.07120';
const SC_REPOSITORY = 'github.com/lnsmith54/super-convergence';
const DISCIPLINED_PAPER = 'Smith, arXiv:1803.09820';
const DISCIPLINED_REPOSITORY = 'github.com/lnsmith54/hyperParam1';
const RESNET_PAPER = 'He et al., arXiv:1512.03385';
const WRN_PAPER = 'Zagoruyko & Komodakis, arXiv:1605.07146';
const FIXUP_PAPER = 'Zhang, Dauphin & Ma, arXiv:1901.09321';
const SEED_REPOSITORY = 'github.com/domluna/SuperConvergence';

/** The names of the table. `wrn-d-k` exists for all legal d and k; here are those that are tested and listed. */
export const modelNames = [
  'resnet-8',
  'resnet-20',
  'resnet-32',
  'resnet-44',
  'resnet-56',
  'resnet-110',
  'resnet-56-dropout',
  'bottleneck-56',
  'resnext-56',
  'gresnet-56',
  'wide32',
  'densenet-40',
  'cifar3',
  'lenet',
  'he-resnet-20',
  'he-resnet-32',
  'he-resnet-44',
  'he-resnet-56',
  'he-resnet-110',
  'he-resnet-20-b',
  'he-resnet-32-b',
  'he-resnet-44-b',
  'he-resnet-56-b',
  'he-resnet-110-b',
  'wrn-16-2',
  'wrn-16-4',
  'wrn-16-10',
  'wrn-28-10',
  'wrn-40-4',
  'wrn-16-2-fixup',
  'wrn-16-10-fixup',
  'wrn-28-10-fixup',
  'wrn-40-4-fixup',
  'wrn-16-2-fixup-scalar',
  'wrn-16-10-fixup-scalar',
  'resnet-18',
  'resnet-34',
  'resnet-50',
  'resnet-101',
  'resnet-50-stem32',
  'resnet-18-cifar',
  'resnet-50-cifar',
] as const;

/** A wide residual network; `-fixup` without normalisation; `-fixup-scalar` without channel biases as well. */
type WideName = `wrn-${number}-${number}${'' | '-fixup' | '-fixup-scalar'}`;

/** A name that `createModel` takes: one of `modelNames`, or a wide network with depth d = 6n + 4 and k ≥ 1. */
export type ModelName = (typeof modelNames)[number] | WideName;

const MODEL_TABLE = {
  'resnet-8': { ...superconvergence(1), source: `the family of ${SC_PAPER}, n = 1, for small machines` },
  'resnet-20': { ...superconvergence(3), source: `${SC_PAPER}, figure 6b; ${SC_REPOSITORY}` },
  'resnet-32': { ...superconvergence(5), source: `the family of ${SC_PAPER}, n = 5` },
  'resnet-44': { ...superconvergence(7), source: `the family of ${SC_PAPER}, n = 7` },
  'resnet-56': { ...superconvergence(9), source: `${SC_PAPER}, appendix A; ${SC_REPOSITORY}` },
  'resnet-110': { ...superconvergence(18), source: `${SC_PAPER}, figure 6b; ${SC_REPOSITORY}` },
  'resnet-56-dropout': {
    ...superconvergence(9),
    dropout: 0.2,
    source: `${SC_PAPER}, figure 9b; ${SC_REPOSITORY}, Resnet56Dropout`,
  },
  'bottleneck-56': {
    ...preActivation([16, 32, 64], 1),
    source: `${SC_PAPER}, figure 11; ${SC_REPOSITORY}, bottleneckResnet56`,
  },
  'resnext-56': {
    ...preActivation([32, 64, 128], 32),
    source: `${SC_PAPER}, figure 11; ${SC_REPOSITORY}, ResNeXt56`,
  },
  'gresnet-56': {
    ...CIFAR,
    family: 'disciplined-resnet',
    widths: [16, 32, 64],
    blocksPerStage: 8,
    transition: 'end',
    batchNormMomentum: 0.9,
    source: `${DISCIPLINED_PAPER}; ${DISCIPLINED_REPOSITORY}, gResnet56`,
  },
  wide32: {
    ...CIFAR,
    family: 'disciplined-resnet',
    widths: [16, 64, 256],
    blocksPerStage: 5,
    transition: 'start',
    batchNormMomentum: 0.9,
    source: `${DISCIPLINED_PAPER}, table 2; ${DISCIPLINED_REPOSITORY}, wide32cifar`,
  },
  'densenet-40': {
    ...CIFAR,
    family: 'densenet',
    growthRate: 12,
    layersPerStage: 12,
    dropout: 0.2,
    source: `${DISCIPLINED_PAPER}, table 2; ${DISCIPLINED_REPOSITORY}, genDensenet40; Huang et al., arXiv:1608.06993`,
  },
  cifar3: {
    ...CIFAR,
    family: 'cifar3',
    source: `Smith, arXiv:1506.01186; ${DISCIPLINED_PAPER}; BVLC/caffe, cifar10_full`,
  },
  lenet: {
    ...MNIST,
    family: 'lenet',
    source: `${DISCIPLINED_PAPER}, table 2; BVLC/caffe, examples/mnist/lenet`,
  },
  'he-resnet-20': { ...he(3, 'A'), source: `${RESNET_PAPER}, section 4.2` },
  'he-resnet-32': { ...he(5, 'A'), source: `${RESNET_PAPER}, section 4.2` },
  'he-resnet-44': { ...he(7, 'A'), source: `${RESNET_PAPER}, section 4.2` },
  'he-resnet-56': { ...he(9, 'A'), source: `${RESNET_PAPER}, section 4.2` },
  'he-resnet-110': { ...he(18, 'A'), source: `${RESNET_PAPER}, section 4.2` },
  'he-resnet-20-b': { ...he(3, 'B'), source: `${RESNET_PAPER}, section 4.2 with option B` },
  'he-resnet-32-b': { ...he(5, 'B'), source: `${RESNET_PAPER}, section 4.2 with option B` },
  'he-resnet-44-b': { ...he(7, 'B'), source: `${RESNET_PAPER}, section 4.2 with option B` },
  'he-resnet-56-b': { ...he(9, 'B'), source: `${RESNET_PAPER}, section 4.2 with option B` },
  'he-resnet-110-b': { ...he(18, 'B'), source: `${RESNET_PAPER}, section 4.2 with option B` },
  'wrn-16-2': { ...wide(16, 2), source: `${WRN_PAPER}, family WRN-d-k` },
  'wrn-16-4': { ...wide(16, 4), source: `${WRN_PAPER}, family WRN-d-k` },
  'wrn-16-10': { ...wide(16, 10), source: `${WRN_PAPER}, table 4` },
  'wrn-28-10': { ...wide(28, 10), source: `${WRN_PAPER}, table 4` },
  'wrn-40-4': { ...wide(40, 4), source: `${WRN_PAPER}, table 4` },
  'wrn-16-2-fixup': fixup(16, 2, true),
  'wrn-16-10-fixup': fixup(16, 10, true),
  'wrn-28-10-fixup': fixup(28, 10, true),
  'wrn-40-4-fixup': fixup(40, 4, true),
  'wrn-16-2-fixup-scalar': fixup(16, 2, false),
  'wrn-16-10-fixup-scalar': fixup(16, 10, false),
  'resnet-18': {
    ...IMAGENET,
    ...residual('basic', [2, 2, 2, 2], 'imagenet'),
    source: `${RESNET_PAPER}, table 1; torchvision resnet18`,
  },
  'resnet-34': {
    ...IMAGENET,
    ...residual('basic', [3, 4, 6, 3], 'imagenet'),
    source: `${RESNET_PAPER}, table 1; torchvision resnet34`,
  },
  'resnet-50': {
    ...IMAGENET,
    ...residual('bottleneck', [3, 4, 6, 3], 'imagenet'),
    source: `${RESNET_PAPER}, table 1; torchvision resnet50`,
  },
  'resnet-101': {
    ...IMAGENET,
    ...residual('bottleneck', [3, 4, 23, 3], 'imagenet'),
    source: `${RESNET_PAPER}, table 1; torchvision resnet101`,
  },
  'resnet-50-stem32': {
    ...CIFAR,
    ...residual('bottleneck', [3, 4, 6, 3], 'imagenet'),
    source: 'torchvision resnet50, unchanged, on images of 32×32',
  },
  'resnet-18-cifar': {
    ...CIFAR,
    ...residual('basic', [2, 2, 2, 2], 'cifar'),
    source: 'github.com/kuangliu/pytorch-cifar, ResNet18',
  },
  'resnet-50-cifar': {
    ...CIFAR,
    ...residual('bottleneck', [3, 4, 6, 3], 'cifar'),
    source: 'github.com/kuangliu/pytorch-cifar, ResNet50',
  },
} satisfies Record<(typeof modelNames)[number], ModelVariant>;

/**
 * The row of a name; for a wide network that is not in the table, the row that it would have.
 *
 * @throws RangeError if there is no such network
 */
export function modelVariant(name: string): ModelVariant {
  if (Object.hasOwn(MODEL_TABLE, name)) return MODEL_TABLE[name as keyof typeof MODEL_TABLE];
  const [, depthText, widenText, kind] =
    /^wrn-([1-9]\d{0,3})-([1-9]\d{0,2})(-fixup|-fixup-scalar)?$/.exec(name) ?? [];
  if (depthText === undefined || widenText === undefined) {
    throw new RangeError(
      `model name must be one of ${modelNames.join(', ')} or wrn-d-k, wrn-d-k-fixup, wrn-d-k-fixup-scalar, ` +
        `but is ${JSON.stringify(name)}`,
    );
  }
  const depth = Number(depthText);
  if (depth < 10 || depth % 6 !== 4) {
    throw new RangeError(`the depth of ${name} must be 6n + 4 and at least 10 (10, 16, 22, 28, …)`);
  }
  if (kind !== undefined) return fixup(depth, Number(widenText), kind === '-fixup');
  return { ...wide(depth, Number(widenText)), source: `${WRN_PAPER}, family WRN-d-k` };
}

function superconvergence(blocksPerStage: number) {
  return { ...CIFAR, family: 'superconvergence-resnet', blocksPerStage } as const;
}

function preActivation(innerWidths: readonly [number, number, number], groups: number) {
  const options = { blocksPerStage: 6, innerWidths, groups, batchNormMomentum: 0.95 };
  return { ...CIFAR, family: 'pre-activation-bottleneck', ...options } as const;
}

function he(blocksPerStage: number, shortcut: HeResNetOptions['shortcut']) {
  return { ...CIFAR, family: 'he-resnet', blocksPerStage, shortcut } as const;
}

function wide(depth: number, widenFactor: number) {
  return { ...CIFAR, family: 'wide-resnet', depth, widenFactor } as const;
}

function fixup(depth: number, widenFactor: number, channelBiases: boolean): ModelVariant {
  const source = channelBiases
    ? `${SEED_REPOSITORY}, with ${FIXUP_PAPER}`
    : `${FIXUP_PAPER}, on ${WRN_PAPER}`;
  return { ...CIFAR, family: 'fixup-wide-resnet', depth, widenFactor, channelBiases, source };
}

function residual(
  block: ResidualNetworkOptions['block'],
  blocks: ResidualNetworkOptions['blocks'],
  stem: ResidualNetworkOptions['stem'],
) {
  return { family: 'residual-network', block, blocks, stem } as const;
}
