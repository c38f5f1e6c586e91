import * as tf from '@tensorflow/tfjs';

/** Options of {@link caffePool}. */
export type CaffePoolOptions = {
  kind: 'max' | 'average';
  /** Height and width of a window. */
  size: number;
  strides: number;
};

/**
 * Pools where Caffe does: windows start at the first pixel, the last one may hang over the far edge (the number of windows
 * is rounded up), and what hangs over is not counted. It is a standard layer, with whichever of TensorFlow's paddings
 * gives these windows.
 *
 * @param x `[N, height, width, C]` of a functional model with a known image size
 * @throws RangeError for an image size whose windows no padding of TensorFlow gives
 * @see Caffe's `PoolingLayer` with padding 0; PyTorch's `ceil_mode: true`
 */
export function caffePool(
  x: tf.SymbolicTensor,
  name: string,
  { kind, size, strides }: CaffePoolOptions,
): tf.SymbolicTensor {
  const [, height, width] = x.shape as [null, number, number, number];
  const padding = (['valid', 'same'] as const).find((each) =>
    [height, width].every((length) => isCaffes(each, length, size, strides)),
  );
  if (padding === undefined) {
    throw new RangeError(
      `${name} can't pool ${height}×${width} pixels by windows of ${size}×${size} with stride ${strides} as Caffe does`,
    );
  }
  const options = { name, poolSize: size, strides, padding };
  const layer = kind === 'max' ? tf.layers.maxPooling2d(options) : tf.layers.averagePooling2d(options);
  return layer.apply(x) as tf.SymbolicTensor;
}

/** Whether a padding of TensorFlow gives Caffe's windows along one axis. */
function isCaffes(padding: 'valid' | 'same', length: number, size: number, strides: number): boolean {
  const numWindows = Math.ceil((length - size) / strides) + 1;
  if (numWindows < 1) return false;
  const overhang = (numWindows - 1) * strides + size - length;
  // `same` shares the overhang between both sides, the far one first: a single pixel is all on the far side.
  return padding === 'valid'
    ? overhang === 0
    : Math.ceil(length / strides) === numWindows && (overhang === 0 || overhang === 1);
}
