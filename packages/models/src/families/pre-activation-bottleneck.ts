import type * as tf from '@tensorflow/tfjs';
import { CAFFE_INITIALISATION } from './initialisation-rule.ts';
import {
  networkBuilder,
  type BatchNormStyle,
  type ConvolutionOptions,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

/** Caffe's BatchNorm layers without Scale layers, `use_global_stats: false` in both phases. */
const BATCH_NORM: BatchNormStyle = { affine: false, inference: 'batch' };

const STEM_WIDTH = 16;

const STAGE_WIDTHS = [64, 128, 256] as const;

/** A network with pre-activation bottleneck blocks. */
export type PreActivationBottleneckOptions = {
  /** n in the depth 9n + 2. */
  blocksPerStage: number;
  /** Width of the 3×3 convolutions of each stage. */
  innerWidths: readonly [number, number, number];
  /** Groups of the 3×3 convolutions: 1, or more for a ResNeXt. */
  groups: number;
};

/**
 * The bottleneck ResNet-56 and ResNeXt-56 of the super-convergence paper, its negative control (figure 11): blocks of
 * 1×1, 3×3 and 1×1 convolutions, each after batch normalisation and ReLU. The stride of a stage is on its first 1×1
 * convolution, and a stage's first block has a 1×1 convolution of its input as shortcut.
 *
 * Batch normalisation has neither scale nor shift, and normalises with the batch's statistics in inference too.
 * Convolutions have biases.
 *
 * @see `architectures/bottleneckResnet56.prototxt` and `ResNeXt56.prototxt` of
 * https://github.com/lnsmith54/super-convergence
 */
export function preActivationBottleneck(
  { blocksPerStage, innerWidths, groups }: PreActivationBottleneckOptions,
  settings: NetworkSettings,
): Network {
  const builder = networkBuilder(settings, CAFFE_INITIALISATION, BATCH_NORM);
  let x = builder.convolution(builder.input, 'stem/conv', {
    filters: STEM_WIDTH,
    kernelSize: 3,
    useBias: true,
  });
  for (const [stageIndex, width] of STAGE_WIDTHS.entries()) {
    for (let block = 1; block <= blocksPerStage; block++) {
      const name = `stage${stageIndex + 1}/block${block}`;
      const strides = stageIndex > 0 && block === 1 ? 2 : 1;
      const innerWidth = innerWidths[stageIndex] ?? width;
      const y = residualBranch(builder, x, name, { innerWidth, width, strides, groups });
      const projection = { filters: width, kernelSize: 1, strides, useBias: true } as const;
      const shortcut = block === 1 ? builder.convolution(x, `${name}/shortcut`, projection) : x;
      x = builder.add(shortcut, y, `${name}/add`);
    }
  }
  x = builder.relu(builder.batchNorm(x, 'head/batch_norm'), 'head/relu');
  return { output: builder.classifier(x), builder };
}

function residualBranch(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  options: { innerWidth: number; width: number; strides: 1 | 2; groups: number },
): tf.SymbolicTensor {
  const { innerWidth, width, strides, groups } = options;
  let y = activatedConvolution(builder, x, name, 1, { filters: innerWidth, kernelSize: 1, strides });
  y = activatedConvolution(builder, y, name, 2, { filters: innerWidth, kernelSize: 3, groups });
  return activatedConvolution(builder, y, name, 3, { filters: width, kernelSize: 1 });
}

/** Batch normalisation, ReLU, then a convolution with bias. */
function activatedConvolution(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  number: 1 | 2 | 3,
  options: Omit<ConvolutionOptions, 'useBias'>,
): tf.SymbolicTensor {
  const activated = builder.relu(
    builder.batchNorm(x, `${name}/batch_norm${number}`),
    `${name}/relu${number}`,
  );
  return builder.convolution(activated, `${name}/conv${number}`, { ...options, useBias: true });
}
