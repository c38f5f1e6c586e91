import type * as tf from '@tensorflow/tfjs';
import { msra, scaled, uniform, type Initialiser } from '../initialisers.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

const STEM_WIDTH = 16;

/** A wide residual network without normalisation. */
export type FixupWideResNetOptions = {
  /** 6n + 4. */
  depth: number;
  widenFactor: number;
  /** Whether convolutions have a bias for each channel (as in domluna/SuperConvergence) beside Fixup's scalars. */
  channelBiases: boolean;
};

/**
 * A wide residual network trained by Fixup: no normalisation, but trained scalars, biases before every convolution and
 * activation and one factor a block, and an initialisation under which the first updates are as small as with batch
 * normalisation. A block is x + b₁ → convolution + b₂ → ReLU + b₃ → convolution · s + b₄ → + shortcut → ReLU.
 *
 * With L blocks of m = 2 convolutions each, a block's first convolution starts as N(0, 2/fan-out) times
 * L^(−1/(2m−2)) = 1/√L, its second and the classifier at 0. Shortcuts that change the width are 1×1 convolutions.
 *
 * With `channelBiases` it is, to the last parameter, the network of domluna/SuperConvergence: no activation after the
 * stem, the shortcut's convolution sees x without b₁, and no scalars outside the blocks. Without, it follows the
 * authors' code: a scalar bias and a ReLU after the stem, the shortcut's convolution of x + b₁, a scalar bias before the
 * classifier.
 *
 * @see Zhang, Dauphin & Ma, https://arxiv.org/abs/1901.09321, section 3; https://github.com/hongyi-zhang/Fixup;
 * `src/fixup.jl` of https://github.com/domluna/SuperConvergence
 */
export function fixupWideResNet(
  { depth, widenFactor, channelBiases }: FixupWideResNetOptions,
  settings: NetworkSettings,
): Network {
  const builder = networkBuilder(settings, { convolution: msra({ fan: 'out' }), dense: null });
  const blocksPerStage = (depth - 4) / 6;
  const numBlocks = 3 * blocksPerStage;
  let x = builder.convolution(builder.input, 'stem/conv', {
    filters: STEM_WIDTH,
    kernelSize: 3,
    useBias: channelBiases,
    ...(channelBiases ? { initialiser: fluxDefault(settings.inputShape[2]) } : {}),
  });
  if (!channelBiases) x = builder.relu(builder.scalarBias(x, 'stem/bias'), 'stem/relu');
  for (let stage = 1; stage <= 3; stage++) {
    const width = STEM_WIDTH * widenFactor * 2 ** (stage - 1);
    for (let block = 1; block <= blocksPerStage; block++) {
      const strides = stage > 1 && block === 1 ? 2 : 1;
      x = fixupBlock(builder, x, `stage${stage}/block${block}`, { width, strides, numBlocks, channelBiases });
    }
  }
  x = builder.globalAveragePool(x, 'head/pool');
  if (!channelBiases) x = builder.scalarBias(x, 'head/bias');
  return { output: builder.dense(x, 'head/dense', settings.classes), builder };
}

/**
 * What the seed's stem starts as: Flux 0.7's `glorot_uniform`, which takes the sum of a kernel's four sizes for the sum of
 * inputs and outputs.
 */
function fluxDefault(channels: number): Initialiser {
  return uniform(Math.sqrt(6 / (3 + 3 + channels + STEM_WIDTH)));
}

function fixupBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  options: { width: number; strides: 1 | 2; numBlocks: number; channelBiases: boolean },
): tf.SymbolicTensor {
  const { width, strides, numBlocks, channelBiases } = options;
  const convolution = { filters: width, useBias: channelBiases };
  const shifted = builder.scalarBias(x, `${name}/bias1`);
  let y = builder.convolution(shifted, `${name}/conv1`, {
    ...convolution,
    kernelSize: 3,
    strides,
    initialiser: scaled(msra({ fan: 'out' }), 1 / Math.sqrt(numBlocks)),
  });
  y = builder.relu(builder.scalarBias(y, `${name}/bias2`), `${name}/relu1`);
  y = builder.scalarBias(builder.dropout(y, `${name}/dropout`), `${name}/bias3`);
  y = builder.convolution(y, `${name}/conv2`, { ...convolution, kernelSize: 3, initialiser: null });
  y = builder.scalarBias(builder.scalarScale(y, `${name}/scale`), `${name}/bias4`);
  const changes = strides > 1 || x.shape.at(-1) !== width;
  const source = channelBiases ? x : shifted;
  const shortcut = changes
    ? builder.convolution(source, `${name}/shortcut`, { ...convolution, kernelSize: 1, strides })
    : x;
  return builder.relu(builder.add(y, shortcut, `${name}/add`), `${name}/relu2`);
}
