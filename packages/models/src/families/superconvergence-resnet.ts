import type * as tf from '@tensorflow/tfjs';
import { CAFFE_INITIALISATION } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

const CONVOLUTION = { kernelSize: 3, useBias: true } as const;

const STAGE_WIDTHS = [16, 32, 64] as const;

/**
 * The residual network of the super-convergence experiments: depth 6n + 2 for n blocks in each of three stages.
 *
 * It differs from He et al.'s: a stage's first block halves the image but keeps the old number of channels, its
 * shortcut is a 3×3 average pool, and the new channels are zeros appended after the addition and the ReLU.
 * Convolutions have biases, which batch normalisation cancels; they are there so that the parameters are those of the
 * original. Dropout stands after the batch normalisation of every convolution but the stem's.
 *
 * @see Smith & Topin, https://arxiv.org/abs/1708.07120, and https://github.com/lnsmith54/super-convergence
 */
export function superconvergenceResNet(
  { blocksPerStage }: { blocksPerStage: number },
  settings: NetworkSettings,
): Network {
  const builder = networkBuilder(settings, CAFFE_INITIALISATION);
  let x = builder.convolutionUnit(builder.input, 'stem', '', { ...CONVOLUTION, filters: STAGE_WIDTHS[0] });
  x = builder.relu(x, 'stem/relu');
  for (const [stageIndex, width] of STAGE_WIDTHS.entries()) {
    for (let block = 1; block <= blocksPerStage; block++) {
      const previousWidth = STAGE_WIDTHS[stageIndex - 1];
      const newChannels = block === 1 && previousWidth !== undefined ? width - previousWidth : 0;
      x = residualBlock(builder, x, `stage${stageIndex + 1}/block${block}`, width - newChannels, newChannels);
    }
  }
  return { output: builder.classifier(x), builder };
}

/** A block that keeps its width, or, with new channels, halves the image and then appends them. */
function residualBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  width: number,
  newChannels: number,
): tf.SymbolicTensor {
  const shrinks = newChannels > 0;
  let y = builder.convolutionUnit(x, name, '1', { ...CONVOLUTION, filters: width, strides: shrinks ? 2 : 1 });
  y = builder.relu(builder.dropout(y, `${name}/dropout1`), `${name}/relu1`);
  y = builder.convolutionUnit(y, name, '2', { ...CONVOLUTION, filters: width });
  y = builder.dropout(y, `${name}/dropout2`);
  const shortcut = shrinks ? builder.averagePool(x, `${name}/shortcut_pool`) : x;
  y = builder.relu(builder.add(shortcut, y, `${name}/add`), `${name}/relu2`);
  return shrinks ? builder.zeroChannels(y, `${name}/zero_channels`, { after: newChannels }) : y;
}
