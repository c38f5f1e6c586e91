import type { ResidualNetworkOptions } from './residual-network.ts';

/** What the table says of one network. */
export type ModelVariant = {
  /** Where the network comes from. */
  source: string;
  /** Height, width and channels that it was made for. */
  inputShape: readonly [number, number, number];
  classes: number;
} & (
  | { family: 'superconvergence-resnet'; blocksPerStage: number }
  | { family: 'wide-resnet'; depth: number; widenFactor: number }
  | ({ family: 'residual-network' } & ResidualNetworkOptions)
);

const CIFAR = { inputShape: [32, 32, 3], classes: 10 } as const;
const IMAGENET = { inputShape: [224, 224, 3], classes: 1000 } as const;

const SC_PAPER = 'Smith & Topin, arXiv:1708.07120';
const SC_REPOSITORY = 'github.com/lnsmith54/super-convergence';
const WRN_PAPER = 'Zagoruyko & Komodakis, arXiv:1605.07146';
const RESNET_PAPER = 'He et al., arXiv:1512.03385';

/** The names of the table. `wrn-d-k` exists for all legal d and k; here are those that are tested and listed. */
export const modelNames = [
  'resnet-8',
  'resnet-20',
  'resnet-32',
  'resnet-44',
  'resnet-56',
  'resnet-110',
  'wrn-16-2',
  'wrn-16-4',
  'wrn-16-10',
  'wrn-28-10',
  'resnet-18',
  'resnet-34',
  'resnet-50',
  'resnet-101',
  'resnet-50-stem32',
  'resnet-18-cifar',
  'resnet-50-cifar',
] as const;

/** A name that `createModel` takes: one of `modelNames`, or `wrn-d-k` with d = 6n + 4 and k ≥ 1. */
export type ModelName = (typeof modelNames)[number] | `wrn-${number}-${number}`;

const MODEL_TABLE = {
  'resnet-8': { ...superconvergence(1), source: `the family of ${SC_PAPER}, n = 1, for small machines` },
  'resnet-20': { ...superconvergence(3), source: `${SC_PAPER}, figure 6b; ${SC_REPOSITORY}` },
  'resnet-32': { ...superconvergence(5), source: `the family of ${SC_PAPER}, n = 5` },
  'resnet-44': { ...superconvergence(7), source: `the family of ${SC_PAPER}, n = 7` },
  'resnet-56': { ...superconvergence(9), source: `${SC_PAPER}, appendix A; ${SC_REPOSITORY}` },
  'resnet-110': { ...superconvergence(18), source: `${SC_PAPER}, figure 6b; ${SC_REPOSITORY}` },
  'wrn-16-2': { ...wide(16, 2), source: `${WRN_PAPER}, family WRN-d-k` },
  'wrn-16-4': { ...wide(16, 4), source: `${WRN_PAPER}, family WRN-d-k` },
  'wrn-16-10': { ...wide(16, 10), source: `${WRN_PAPER}, table 4` },
  'wrn-28-10': { ...wide(28, 10), source: `${WRN_PAPER}, table 4` },
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
 * The row of a name; for a WRN that is not in the table, the row that it would have.
 *
 * @throws RangeError if there is no such network
 */
export function modelVariant(name: string): ModelVariant {
  if (Object.hasOwn(MODEL_TABLE, name)) return MODEL_TABLE[name as keyof typeof MODEL_TABLE];
  const [, depthText, widenText] = /^wrn-([1-9]\d{0,3})-([1-9]\d{0,2})$/.exec(name) ?? [];
  if (depthText === undefined || widenText === undefined) {
    throw new RangeError(
      `model name must be one of ${modelNames.join(', ')} or wrn-d-k, but is ${JSON.stringify(name)}`,
    );
  }
  const depth = Number(depthText);
  if (depth < 10 || depth % 6 !== 4) {
    throw new RangeError(`the depth of ${name} must be 6n + 4 and at least 10 (10, 16, 22, 28, …)`);
  }
  return { ...wide(depth, Number(widenText)), source: `${WRN_PAPER}, family WRN-d-k` };
}

function superconvergence(blocksPerStage: number) {
  return { ...CIFAR, family: 'superconvergence-resnet', blocksPerStage } as const;
}

function wide(depth: number, widenFactor: number) {
  return { ...CIFAR, family: 'wide-resnet', depth, widenFactor } as const;
}

function residual(
  block: ResidualNetworkOptions['block'],
  blocks: ResidualNetworkOptions['blocks'],
  stem: ResidualNetworkOptions['stem'],
) {
  return { family: 'residual-network', block, blocks, stem } as const;
}
