import * as tf from '@tensorflow/tfjs';
import { checkDraws, checkOptions } from './augment-images-checks.ts';
import { checkTensor } from './checks.ts';
import { gather } from './gather.ts';

/** Which images {@link augmentImages} takes, and the random decisions about each. */
export type ImageDraws = {
  /** `[N]` int32 in `[0, M)` */
  indices: tf.Tensor1D;
  /**
   * `[N, 2]` int32, rows then columns, each −padding … padding: pixel `(y, x)` of the crop is pixel
   * `(y + rows, x + columns)` of the image. Needed with `padding`.
   */
  shifts?: tf.Tensor2D | undefined;
  /** `[N]` int32, 1 where the crop is mirrored, otherwise 0. Left out: no image is. */
  mirrors?: tf.Tensor1D | undefined;
  /**
   * `[N, 2]` int32, row then column of the first pixel of the square that is cut out of the final picture, which may
   * hang over its edges. Needed with `cutout`.
   */
  cutouts?: tf.Tensor2D | undefined;
};

/** Options of {@link augmentImages}. */
export type AugmentImagesOptions = {
  /** Black pixels on every side, into which a crop may reach. @default 0 */
  padding?: number;
  /** Side of the square that is set to 0 after standardisation. @default 0 */
  cutout?: number;
  /** One number for each channel, in units of 0 … 1, subtracted from it. @default 0 */
  mean?: readonly number[];
  /** One number for each channel, in units of 0 … 1, divided by. @default 1 */
  standardDeviation?: readonly number[];
  /**
   * `[H, W, C]` float32, in units of 0 … 1: subtracted pixel by pixel before the crop, instead of `mean`. The padding is
   * then 0 after standardisation: outside the image there is no mean to subtract.
   */
  meanImage?: tf.Tensor3D;
};

/**
 * A training batch from the bytes of a data set, all on the device: images by index, cropped out of their padding,
 * mirrored, standardised to `(byte / 255 − mean) / standardDeviation`, and with a square cut out. What is random comes
 * from outside, as small tensors.
 *
 * The data set goes into nothing but one gather and one cast, so that a compiled graph may hold it as uint8. Values of
 * the draws are not read back: an index outside the data set, or a shift beyond the padding, gives an error from
 * TensorFlow on a CPU or wrong pixels. Has no gradient.
 *
 * @param images `[M, H, W, C]` int32, 0 … 255
 * @returns `[N, H, W, C]` float32
 * @throws TypeError or RangeError for a wrong dtype, shape or option
 * @example
 * const images = tf.tensor4d([0, 255], [1, 1, 2, 1], 'int32'); // one image of 1 × 2 pixels
 * const draws = { indices: tf.tensor1d([0], 'int32'), mirrors: tf.tensor1d([1], 'int32') };
 * augmentImages(images, draws, { mean: [0.5] }); // [[[[0.5], [-0.5]]]]
 */
export function augmentImages(
  images: tf.Tensor4D,
  draws: ImageDraws,
  options: AugmentImagesOptions = {},
): tf.Tensor4D {
  checkTensor('images', images, { dtype: 'int32', ranks: [4] });
  checkOptions(images.shape, options);
  checkDraws(draws, options);
  const { padding = 0, cutout = 0 } = options;
  return tf.tidy(() => {
    let batch = gather(images, draws.indices).cast<tf.Tensor4D>('float32');
    if (options.meanImage) batch = standardise(batch, options);
    if (padding > 0 || draws.mirrors) batch = crop(batch, draws, padding);
    if (!options.meanImage) batch = standardise(batch, options);
    return draws.cutouts && cutout > 0
      ? batch.mul(outsideSquares(batch.shape, draws.cutouts, cutout))
      : batch;
  });
}

function standardise(bytes: tf.Tensor4D, options: AugmentImagesOptions): tf.Tensor4D {
  const numChannels = bytes.shape[3];
  const { mean = Array.from({ length: numChannels }, () => 0), meanImage } = options;
  const deviation = options.standardDeviation ?? mean.map(() => 1);
  const scaled = bytes.mul(tf.tensor1d(deviation.map((value) => 1 / (255 * value))));
  const centre = meanImage
    ? meanImage.div(tf.tensor1d([...deviation]))
    : tf.tensor1d(mean.map((value, channel) => value / (deviation[channel] ?? 1)));
  return scaled.sub(centre);
}

/** Cuts each image's window out of its padded image, pixel by pixel, in the order of the mirrored columns. */
function crop(batch: tf.Tensor4D, { shifts, mirrors }: ImageDraws, padding: number): tf.Tensor4D {
  const [n, height, width, numChannels] = batch.shape;
  const [paddedHeight, paddedWidth] = [height + 2 * padding, width + 2 * padding];
  let rows: tf.Tensor = tf.range(padding, padding + height, 1, 'int32').expandDims(0);
  let columns: tf.Tensor = tf.range(padding, padding + width, 1, 'int32').expandDims(0);
  if (mirrors) {
    const wayAcross = tf.range(width - 1, -width - 1, -2, 'int32');
    columns = columns.add(mirrors.expandDims(1).mul(wayAcross));
  }
  if (shifts && padding > 0) {
    const [down, right] = tf.split(shifts, 2, 1) as [tf.Tensor, tf.Tensor];
    rows = rows.add(down);
    columns = columns.add(right);
  }
  const places = rows.mul(tf.scalar(paddedWidth, 'int32')).expandDims(2).add(columns.expandDims(1));
  // Without mirrors and shifts of their own, rows or columns are the same for the whole batch.
  const placesOfAll = places.add(tf.zeros([n, 1, 1], 'int32')).reshape([n, height * width]);
  const border: [number, number] = [padding, padding];
  const padded = padding > 0 ? tf.pad4d(batch, [[0, 0], border, border, [0, 0]]) : batch;
  const pixels = padded.reshape([n, paddedHeight * paddedWidth, numChannels]);
  return gather(pixels, placesOfAll, 1).reshape(batch.shape);
}

/** `[N, H, W, 1]`: 0 in each image's square, 1 elsewhere. */
function outsideSquares(shape: tf.Tensor4D['shape'], corners: tf.Tensor2D, side: number): tf.Tensor4D {
  const [, height, width] = shape;
  const [tops, lefts] = tf.split(corners, 2, 1) as [tf.Tensor, tf.Tensor];
  const isInSide = (length: number, starts: tf.Tensor): tf.Tensor => {
    const place = tf.range(0, length, 1, 'int32').expandDims(0);
    const end = starts.add(tf.scalar(side, 'int32'));
    return place.greaterEqual(starts).logicalAnd(place.less(end)).cast('float32');
  };
  const inside = isInSide(height, tops).expandDims(2).mul(isInSide(width, lefts).expandDims(1));
  return tf.sub(1, inside).expandDims(3);
}
