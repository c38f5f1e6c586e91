import { normal, xavier } from '../initialisers.ts';
import { networkBuilder, type Network, type NetworkSettings } from './network-builder.ts';
import { requireImages } from './require-images.ts';

/** Local response normalisation of `cifar3`. */
const LRN = { size: 3, alpha: 5e-5, beta: 0.75 } as const;

const POOL = { size: 3, strides: 2 } as const;

/**
 * Caffe's `cifar10_full`, the three-layer network of the CLR and "A disciplined approach" papers: 5×5 convolutions of
 * 32, 32 and 64 filters with 3×3 pools and local response normalisation within channels. It has no batch
 * normalisation, and its initialisation expects images of 0 … 255 less their mean.
 *
 * @see Smith, https://arxiv.org/abs/1506.01186; `examples/cifar10/cifar10_full_train_test.prototxt` of BVLC/caffe and
 * `cifar3.prototxt` of https://github.com/lnsmith54/hyperParam1
 * @throws RangeError for an image that is not square or smaller than 8×8, too small for three pools
 */
export function cifar3(settings: NetworkSettings): Network {
  requireImages(settings, { square: true, side: 8 });
  const builder = networkBuilder(settings, { convolution: normal(0.01), dense: normal(0.01) });
  const convolution = { kernelSize: 5, useBias: true } as const;
  let x = builder.convolution(builder.input, 'conv1', {
    ...convolution,
    filters: 32,
    initialiser: normal(1e-4),
  });
  x = builder.caffePool(x, 'pool1', { kind: 'max', ...POOL });
  x = builder.localResponseNorm(builder.relu(x, 'relu1'), 'norm1', LRN);
  x = builder.relu(builder.convolution(x, 'conv2', { ...convolution, filters: 32 }), 'relu2');
  x = builder.caffePool(x, 'pool2', { kind: 'average', ...POOL });
  x = builder.localResponseNorm(x, 'norm2', LRN);
  x = builder.relu(builder.convolution(x, 'conv3', { ...convolution, filters: 64 }), 'relu3');
  x = builder.caffePool(x, 'pool3', { kind: 'average', ...POOL });
  x = builder.flatten(x, 'head/flatten');
  return { output: builder.dense(x, 'head/dense', settings.classes), builder };
}

/**
 * Caffe's LeNet for MNIST: two 5×5 convolutions without activation, each followed by a 2×2 max pool, then 500 units with
 * a ReLU. It expects pixels of 0 … 255 divided by 256.
 *
 * @see `examples/mnist/lenet_train_test.prototxt` of BVLC/caffe; LeCun et al., "Gradient-based learning applied to
 * document recognition", 1998, for its ancestor
 * @throws RangeError for an image smaller than 13×13, too small for both convolutions and pools
 */
export function leNet(settings: NetworkSettings): Network {
  requireImages(settings, { side: 13 });
  const builder = networkBuilder(settings, { convolution: xavier(), dense: xavier() });
  const convolution = { kernelSize: 5, useBias: true, padding: 'valid' } as const;
  const pool = { kind: 'max', size: 2, strides: 2 } as const;
  let x = builder.convolution(builder.input, 'conv1', { ...convolution, filters: 20 });
  x = builder.caffePool(x, 'pool1', pool);
  x = builder.convolution(x, 'conv2', { ...convolution, filters: 50 });
  x = builder.caffePool(x, 'pool2', pool);
  x = builder.dense(builder.flatten(x, 'flatten'), 'dense1', 500);
  x = builder.relu(x, 'relu1');
  return { output: builder.dense(x, 'head/dense', settings.classes), builder };
}
