import type * as tf from '@tensorflow/tfjs';
import { CAFFE_INITIALISATION } from './initialisation-rule.ts';
import {
  networkBuilder,
  type Network,
  type NetworkBuilder,
  type NetworkSettings,
} from './network-builder.ts';

const STEM_WIDTH = 16;
const NUM_STAGES = 3;

/** A DenseNet for CIFAR. */
export type DenseNetOptions = {
  /** Channels that every layer adds. */
  growthRate: number;
  /** n in the depth 3n + 4. */
  layersPerStage: number;
};

/**
 * A DenseNet without bottlenecks and compression: three stages of layers (batch normalisation, ReLU, 3×3 convolution)
 * whose outputs are put before the channels that came in, 1×1 convolutions and 2×2 average pools between them.
 * Convolutions have no bias; dropout stands after every convolution but the stem's.
 *
 * @see Huang et al., https://arxiv.org/abs/1608.06993; `genDensenet40.prototxt` of
 * https://github.com/lnsmith54/hyperParam1
 */
export function denseNet(
  { growthRate, layersPerStage }: DenseNetOptions,
  settings: NetworkSettings,
): Network {
  const builder = networkBuilder(settings, CAFFE_INITIALISATION);
  let x = builder.convolution(builder.input, 'stem/conv', {
    filters: STEM_WIDTH,
    kernelSize: 3,
    useBias: false,
  });
  for (let stage = 1; stage <= NUM_STAGES; stage++) {
    for (let layer = 1; layer <= layersPerStage; layer++) {
      const name = `stage${stage}/layer${layer}`;
      const y = activatedConvolution(builder, x, name, { filters: growthRate, kernelSize: 3 });
      x = builder.concatenate(y, x, `${name}/concatenate`);
    }
    if (stage < NUM_STAGES) x = transition(builder, x, `stage${stage}/transition`);
  }
  x = builder.relu(builder.batchNorm(x, 'head/batch_norm'), 'head/relu');
  return { output: builder.classifier(x), builder };
}

function transition(builder: NetworkBuilder, x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  const y = activatedConvolution(builder, x, name, { filters: x.shape.at(-1) ?? 0, kernelSize: 1 });
  return builder.caffePool(y, `${name}/pool`, { kind: 'average', size: 2, strides: 2 });
}

/** Batch normalisation, ReLU, a convolution without bias, dropout. */
function activatedConvolution(
  builder: NetworkBuilder,
  x: tf.SymbolicTensor,
  name: string,
  options: { filters: number; kernelSize: 1 | 3 },
): tf.SymbolicTensor {
  const activated = builder.relu(builder.batchNorm(x, `${name}/batch_norm`), `${name}/relu`);
  const y = builder.convolution(activated, `${name}/conv`, { ...options, useBias: false });
  return builder.dropout(y, `${name}/dropout`);
}
