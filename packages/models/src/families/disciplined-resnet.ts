import type * as tf from '@tensorflow/tfjs';
import { msra } from '../initialisers.ts';
import type { InitialisationRule } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';
import { requireImages } from './require-images.ts';

/** Caffe's `msra` filler for everything, biases 0. */
const INITIALISATION: InitialisationRule = { convolution: msra(), dense: msra() };

const CONVOLUTION = { kernelSize: 3, useBias: true } as const;

const PROJECTION = { kernelSize: 2, strides: 2, padding: 'valid', useBias: true } as const;

const STEM_WIDTH = 16;

/** A network of "A disciplined approach". */
export type DisciplinedResNetOptions = {
  /** Width of each of the three stages. */
  widths: readonly [number, number, number];
  /** Blocks of each stage that keep width and image, and with `transition: 'start'` the transition among them. */
  blocksPerStage: number;
  /** Where the image is halved and widened: in a block after those of stages 1 and 2, or in the first of stages 2 and 3. */
  transition: 'end' | 'start';
};

/**
 * The residual networks of "A disciplined approach to neural network hyper-parameters": two 3×3 convolutions with batch
 * normalisation a block, a ReLU between them and **none after the addition**; where the width grows, the shortcut is a
 * 2×2 convolution with stride 2 and batch normalisation. Convolutions have biases.
 *
 * @see Smith, https://arxiv.org/abs/1803.09820; `gResnet56.prototxt` and `wide32cifar.prototxt` of
 * https://github.com/lnsmith54/hyperParam1 (the latter gives the filler of the kernels alone; Caffe's convolutions have a
 * bias unless told otherwise)
 * @throws RangeError for an image whose height or width is no multiple of 4
 */
export function disciplinedResNet(
  { widths, blocksPerStage, transition }: DisciplinedResNetOptions,
  settings: NetworkSettings,
): Network {
  requireImages(settings, { multipleOf: 4 });
  const builder = networkBuilder(settings, INITIALISATION);
  let x = builder.convolutionUnit(builder.input, 'stem', '', { ...CONVOLUTION, filters: STEM_WIDTH });
  x = builder.relu(x, 'stem/relu');
  for (const [stageIndex, stageWidth] of widths.entries()) {
    const stage = `stage${stageIndex + 1}`;
    const nextWidth = widths[stageIndex + 1];
    for (let block = 1; block <= blocksPerStage; block++) {
      const isTransition = transition === 'start' && stageIndex > 0 && block === 1;
      x = residualBlock(builder, x, `${stage}/block${block}`, stageWidth, isTransition);
    }
    if (transition === 'end' && nextWidth !== undefined) {
      x = residualBlock(builder, x, `${stage}/block${blocksPerStage + 1}`, nextWidth, true);
    }
  }
  return { output: builder.classifier(x), builder };
}

function residualBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  isTransition: boolean,
): tf.SymbolicTensor {
  const strides = isTransition ? 2 : 1;
  let y = builder.convolutionUnit(x, name, '1', { ...CONVOLUTION, filters, strides });
  y = builder.relu(y, `${name}/relu1`);
  y = builder.convolutionUnit(y, name, '2', { ...CONVOLUTION, filters });
  const shortcut = isTransition ? builder.projection(x, name, { ...PROJECTION, filters }) : x;
  return builder.add(y, shortcut, `${name}/add`);
}
