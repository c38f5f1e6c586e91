import type * as tf from '@tensorflow/tfjs';
import { msra } from '../initialisers.ts';
import { PYTORCH_DENSE, type InitialisationRule } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

/** The paper's for convolutions, PyTorch's default for the classifier, of which the paper says nothing. */
const INITIALISATION: InitialisationRule = {
  convolution: msra(),
  ...PYTORCH_DENSE,
};

const CONVOLUTION = { kernelSize: 3, useBias: false } as const;

const STAGE_WIDTHS = [16, 32, 64] as const;

/** One of He et al.'s networks for CIFAR. */
export type HeResNetOptions = {
  /** n in the depth 6n + 2. */
  blocksPerStage: number;
  /**
   * Shortcuts where the width doubles: `A`, every second pixel, with channels of zeros, half of them on either side (as
   * in akamaster/pytorch_resnet_cifar10; the paper doesn't say where); `B`, a 1×1 convolution with batch normalisation.
   */
  shortcut: 'A' | 'B';
};

/**
 * The residual networks of He et al. for CIFAR-10: depth 6n + 2, widths 16, 32, 64, batch normalisation and ReLU after
 * each convolution, the second ReLU after the addition. Convolutions have no bias.
 *
 * @see He et al., https://arxiv.org/abs/1512.03385, section 4.2
 */
export function heResNet({ blocksPerStage, shortcut }: HeResNetOptions, settings: NetworkSettings): Network {
  const builder = networkBuilder(settings, INITIALISATION);
  let x = builder.convolutionUnit(builder.input, 'stem', '', { ...CONVOLUTION, filters: STAGE_WIDTHS[0] });
  x = builder.relu(x, 'stem/relu');
  for (const [stageIndex, width] of STAGE_WIDTHS.entries()) {
    for (let block = 1; block <= blocksPerStage; block++) {
      const strides = stageIndex > 0 && block === 1 ? 2 : 1;
      x = basicBlock(builder, x, `stage${stageIndex + 1}/block${block}`, { width, strides, shortcut });
    }
  }
  return { output: builder.classifier(x), builder };
}

function basicBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  { width, strides, shortcut }: { width: number; strides: 1 | 2; shortcut: HeResNetOptions['shortcut'] },
): tf.SymbolicTensor {
  let y = builder.convolutionUnit(x, name, '1', { ...CONVOLUTION, filters: width, strides });
  y = builder.relu(y, `${name}/relu1`);
  y = builder.convolutionUnit(y, name, '2', { ...CONVOLUTION, filters: width });
  y = builder.add(y, strides === 1 ? x : widened(builder, x, name, { width, shortcut }), `${name}/add`);
  return builder.relu(y, `${name}/relu2`);
}

/** The shortcut of a block that halves the image. */
function widened(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  { width, shortcut }: { width: number; shortcut: HeResNetOptions['shortcut'] },
): tf.SymbolicTensor {
  if (shortcut === 'B') {
    return builder.projection(x, name, { filters: width, kernelSize: 1, strides: 2, useBias: false });
  }
  const newChannels = width - (x.shape.at(-1) ?? 0);
  const count = { before: newChannels / 2, after: newChannels / 2 };
  return builder.zeroChannels(builder.subsample(x, `${name}/subsample`), `${name}/zero_channels`, count);
}
