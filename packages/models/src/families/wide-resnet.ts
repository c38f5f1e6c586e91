import type * as tf from '@tensorflow/tfjs';
import { msra, torchDefault } from '../initialisers.ts';
import type { InitialisationRule } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

/** The authors' `MSRinit` (fan-out) for convolutions, Torch's default for the classifier's weights, biases 0. */
const INITIALISATION: InitialisationRule = { convolution: msra({ fan: 'out' }), dense: torchDefault() };

const STEM_WIDTH = 16;

/**
 * A wide residual network with pre-activation basic blocks B(3,3): depth 6n + 4, widths 16k, 32k, 64k. With dropout it
 * stands between the two convolutions of a block, after the ReLU (section 2.4).
 *
 * Convolutions have no bias. Where width or image size change, the shortcut is a 1×1 convolution of the block's
 * activated input.
 *
 * @see Zagoruyko & Komodakis, https://arxiv.org/abs/1605.07146, Table 1, and
 * https://github.com/szagoruyko/wide-residual-networks
 */
export function wideResNet(
  { depth, widenFactor }: { depth: number; widenFactor: number },
  settings: NetworkSettings,
): Network {
  const builder = networkBuilder(settings, INITIALISATION);
  const blocksPerStage = (depth - 4) / 6;
  let x = builder.convolution(builder.input, 'stem/conv', {
    filters: STEM_WIDTH,
    kernelSize: 3,
    useBias: false,
  });
  for (let stage = 1; stage <= 3; stage++) {
    const width = STEM_WIDTH * widenFactor * 2 ** (stage - 1);
    for (let block = 1; block <= blocksPerStage; block++) {
      const strides = stage > 1 && block === 1 ? 2 : 1;
      x = preActivationBlock(builder, x, `stage${stage}/block${block}`, width, strides);
    }
  }
  x = builder.relu(builder.batchNorm(x, 'head/batch_norm'), 'head/relu');
  return { output: builder.classifier(x), builder };
}

function preActivationBlock(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  strides: 1 | 2,
): tf.SymbolicTensor {
  const activated = builder.relu(builder.batchNorm(x, `${name}/batch_norm1`), `${name}/relu1`);
  let y = builder.convolution(activated, `${name}/conv1`, {
    filters,
    kernelSize: 3,
    strides,
    useBias: false,
  });
  y = builder.relu(builder.batchNorm(y, `${name}/batch_norm2`), `${name}/relu2`);
  y = builder.dropout(y, `${name}/dropout`);
  y = builder.convolution(y, `${name}/conv2`, { filters, kernelSize: 3, useBias: false });
  const changes = strides > 1 || x.shape.at(-1) !== filters;
  const shortcut = changes
    ? builder.convolution(activated, `${name}/shortcut`, { filters, kernelSize: 1, strides, useBias: false })
    : x;
  return builder.add(shortcut, y, `${name}/add`);
}
