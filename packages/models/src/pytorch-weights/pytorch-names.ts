/**
 * Whose names PyTorch weights have:
 *
 * - `torchvision`: torchvision and timm (`resnet-18` … `-101`), chenyaofo/pytorch-cifar-models (`he-resnet-…-b`)
 * - `pytorch-cifar`: kuangliu/pytorch-cifar (`resnet-18-cifar`, `-50-cifar`), akamaster/pytorch_resnet_cifar10
 *   (`he-resnet-…`)
 * - `wide-resnet-pytorch`: xternalz/WideResNet-pytorch (`wrn-d-k`)
 * - `wide-residual-networks`: szagoruyko/wide-residual-networks, its functional PyTorch code (`wrn-d-k`)
 */
export type PytorchFormat =
  'torchvision' | 'pytorch-cifar' | 'wide-resnet-pytorch' | 'wide-residual-networks';

/** How a PyTorch library names the layers of its residual networks. */
type LayerNames = {
  /** Layers outside the blocks: from this package's name to PyTorch's. */
  outside: Readonly<Record<string, string>>;
  /** The prefix of a block; stages and blocks count from 1. */
  block: (stage: number, block: number) => string;
  /** Layers in a block. */
  inBlock: Readonly<Record<string, string>>;
  /** Kernels of convolutions have the name of their layer alone, and batches are not counted. */
  functional?: boolean;
};

const TORCHVISION_BLOCK = {
  conv1: 'conv1',
  batch_norm1: 'bn1',
  conv2: 'conv2',
  batch_norm2: 'bn2',
  conv3: 'conv3',
  batch_norm3: 'bn3',
  shortcut: 'downsample.0',
  shortcut_batch_norm: 'downsample.1',
};

const FORMATS: Readonly<Record<PytorchFormat, LayerNames>> = {
  torchvision: {
    outside: { 'stem/conv': 'conv1', 'stem/batch_norm': 'bn1', 'head/dense': 'fc' },
    block: (stage, block) => `layer${stage}.${block - 1}`,
    inBlock: TORCHVISION_BLOCK,
  },
  'pytorch-cifar': {
    outside: { 'stem/conv': 'conv1', 'stem/batch_norm': 'bn1', 'head/dense': 'linear' },
    block: (stage, block) => `layer${stage}.${block - 1}`,
    inBlock: { ...TORCHVISION_BLOCK, shortcut: 'shortcut.0', shortcut_batch_norm: 'shortcut.1' },
  },
  'wide-resnet-pytorch': {
    outside: { 'stem/conv': 'conv1', 'head/batch_norm': 'bn1', 'head/dense': 'fc' },
    block: (stage, block) => `block${stage}.layer.${block - 1}`,
    inBlock: {
      batch_norm1: 'bn1',
      conv1: 'conv1',
      batch_norm2: 'bn2',
      conv2: 'conv2',
      shortcut: 'convShortcut',
    },
  },
  'wide-residual-networks': {
    outside: { 'stem/conv': 'conv0', 'head/batch_norm': 'bn', 'head/dense': 'fc' },
    block: (stage, block) => `group${stage - 1}.block${block - 1}`,
    inBlock: { batch_norm1: 'bn0', conv1: 'conv0', batch_norm2: 'bn1', conv2: 'conv1', shortcut: 'convdim' },
    functional: true,
  },
};

export const pytorchFormats: readonly PytorchFormat[] = Object.keys(FORMATS) as PytorchFormat[];

const VARIABLES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** A weight's name in PyTorch; undefined where the library's networks have no such weight. */
export function pytorchName(weight: string, format: PytorchFormat): string | undefined {
  const { functional = false, ...names } = FORMATS[format];
  const [, layer = '', variable = ''] = /^(.*)\/([^/]+)$/.exec(weight) ?? [];
  const torchLayer = layerName(layer, names);
  const torchVariable = VARIABLES[variable];
  // Convolutions have biases in Caffe's networks only.
  if (torchLayer === undefined || torchVariable === undefined) return undefined;
  if (variable === 'bias' && layer !== 'head/dense') return undefined;
  return functional && variable === 'kernel' && layer !== 'head/dense'
    ? torchLayer
    : `${torchLayer}.${torchVariable}`;
}

/** The name of the number of batches behind a moving variance; undefined where the library doesn't count them. */
export function batchCountName(weight: string, format: PytorchFormat): string | undefined {
  const { functional = false } = FORMATS[format];
  if (functional || !weight.endsWith('/moving_variance')) return undefined;
  return pytorchName(weight, format)?.replace(/running_var$/, 'num_batches_tracked');
}

function layerName(layer: string, { outside, block, inBlock }: LayerNames): string | undefined {
  const [, stage, number, inner = ''] = /^stage(\d+)\/block(\d+)\/(.+)$/.exec(layer) ?? [];
  if (stage === undefined) return outside[layer];
  const name = inBlock[inner];
  return name && `${block(Number(stage), Number(number))}.${name}`;
}
