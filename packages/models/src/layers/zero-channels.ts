import * as tf from '@tensorflow/tfjs';

/**
 * Puts channels of zeros before and after those of `x`, for shortcuts without parameters. A standard layer, so that saved
 * models load anywhere: told that channels come first, it pads the last two axes, which are width and channels here.
 *
 * @param x `[N, height, width, C]` of a functional model
 * @returns `[N, height, width, before + C + after]`
 * @see He et al., https://arxiv.org/abs/1512.03385, section 3.3, option A
 */
export function zeroChannels(
  x: tf.SymbolicTensor,
  name: string,
  { before = 0, after = 0 }: { before?: number; after?: number },
): tf.SymbolicTensor {
  const layer = tf.layers.zeroPadding2d({
    name,
    dataFormat: 'channelsFirst',
    padding: [
      [0, 0],
      [before, after],
    ],
  });
  return layer.apply(x) as tf.SymbolicTensor;
}
