import type * as tf from '@tensorflow/tfjs';
import { msra } from '../initialisers.ts';
import { PYTORCH_DENSE, type InitialisationRule } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

/** torchvision's: fan-out for convolutions, PyTorch's default for the classifier's weights and biases. */
const INITIALISATION: InitialisationRule = {
  convolution: msra({ fan: 'out' }),
  ...PYTORCH_DENSE,
};

const STEM_WIDTH = 64;

/** A bottleneck's output has four times the channels of its 3×3 convolution. */
const BOTTLENECK_EXPANSION = 4;

/** One of the ImageNet residual networks. */
export type ResidualNetworkOptions = {
  block: 'basic' | 'bottleneck';
  /** Blocks in each of the four stages. */
  blocks: readonly [number, number, number, number];
  /** `imagenet`: 7×7 convolution with stride 2, then a 3×3 max pool with stride 2. `cifar`: 3×3 convolution. */
  stem: 'imagenet' | 'cifar';
  /** Width of the stem and of the first stage, which doubles from stage to stage. Default 64. */
  width?: number;
};

/**
 * The residual networks for ImageNet, with the stride of a bottleneck on its 3×3 convolution ("v1.5"), and 1×1
 * convolutions with batch normalisation as shortcuts where the shape changes.
 *
 * @see He et al., https://arxiv.org/abs/1512.03385, Table 1, and torchvision's `models/resnet.py`
 */
export function residualNetwork(options: ResidualNetworkOptions, settings: NetworkSettings): Network {
  const builder = networkBuilder(settings, INITIALISATION);
  const { width: stemWidth = STEM_WIDTH } = options;
  const buildBlock = options.block === 'basic' ? basicBlock : bottleneckBlock;
  let x = stem(builder, options.stem, stemWidth);
  for (const [stageIndex, numBlocks] of options.blocks.entries()) {
    for (let block = 1; block <= numBlocks; block++) {
      const strides = stageIndex > 0 && block === 1 ? 2 : 1;
      x = buildBlock(
        builder,
        x,
        `stage${stageIndex + 1}/block${block}`,
        stemWidth * 2 ** stageIndex,
        strides,
      );
    }
  }
  return { output: builder.classifier(x), builder };
}

function stem(
  builder: NetworkBuilder,
  kind: ResidualNetworkOptions['stem'],
  filters: number,
): tf.SymbolicTensor {
  const options =
    kind === 'imagenet' ? ({ kernelSize: 7, strides: 2 } as const) : ({ kernelSize: 3 } as const);
  let x = builder.convolutionUnit(builder.input, 'stem', '', { filters, ...options, useBias: false });
  x = builder.relu(x, 'stem/relu');
  return kind === 'imagenet' ? builder.maxPool(x, 'stem/pool') : x;
}

function basicBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  width: number,
  strides: 1 | 2,
): tf.SymbolicTensor {
  let y = builder.convolutionUnit(x, name, '1', { filters: width, kernelSize: 3, strides, useBias: false });
  y = builder.relu(y, `${name}/relu1`);
  y = builder.convolutionUnit(y, name, '2', { filters: width, kernelSize: 3, useBias: false });
  y = builder.add(y, shortcut(builder, x, name, width, strides), `${name}/add`);
  return builder.relu(y, `${name}/relu2`);
}

function bottleneckBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  width: number,
  strides: 1 | 2,
): tf.SymbolicTensor {
  const outputWidth = width * BOTTLENECK_EXPANSION;
  let y = builder.convolutionUnit(x, name, '1', { filters: width, kernelSize: 1, useBias: false });
  y = builder.relu(y, `${name}/relu1`);
  y = builder.convolutionUnit(y, name, '2', { filters: width, kernelSize: 3, strides, useBias: false });
  y = builder.relu(y, `${name}/relu2`);
  y = builder.convolutionUnit(y, name, '3', { filters: outputWidth, kernelSize: 1, useBias: false });
  y = builder.add(y, shortcut(builder, x, name, outputWidth, strides), `${name}/add`);
  return builder.relu(y, `${name}/relu3`);
}

function shortcut(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  strides: 1 | 2,
): tf.SymbolicTensor {
  if (strides === 1 && x.shape.at(-1) === filters) return x;
  return builder.projection(x, name, { filters, kernelSize: 1, strides, useBias: false });
}
