import type * as tf from '@tensorflow/tfjs';
import type { AugmentImagesOptions, ImageDraws } from './augment-images.ts';
import { checkTensor } from './checks.ts';

/** Throws unless the draws have their dtypes and shapes and those that the options need are there. */
export function checkDraws(
  { indices, shifts, mirrors, cutouts }: ImageDraws,
  { padding = 0, cutout = 0 }: AugmentImagesOptions,
): void {
  checkTensor('indices', indices, { dtype: 'int32', ranks: [1] });
  const [n] = indices.shape;
  const expected = { shifts: [n, 2], mirrors: [n], cutouts: [n, 2] };
  for (const [name, tensor] of Object.entries({ shifts, mirrors, cutouts })) {
    if (tensor === undefined) continue;
    const shape = expected[name as keyof typeof expected];
    checkTensor(name, tensor, { dtype: 'int32', ranks: [shape.length] });
    if (tensor.shape.join() !== shape.join()) {
      throw new RangeError(
        `${name} must have shape [${shape.join(', ')}], but has [${tensor.shape.join(', ')}]`,
      );
    }
  }
  if (padding > 0 && !shifts) throw new TypeError('shifts must be given with padding');
  if (cutout > 0 && !cutouts) throw new TypeError('cutouts must be given with cutout');
}

/** Throws unless every option is in its range and fits the images. */
export function checkOptions(
  [, height, width, numChannels]: tf.Tensor4D['shape'],
  { padding = 0, cutout = 0, mean, standardDeviation, meanImage }: AugmentImagesOptions,
): void {
  for (const [name, value] of Object.entries({ padding, cutout })) {
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(`${name} must be an integer, at least 0, but is ${value}`);
    }
  }
  for (const [name, values] of Object.entries({ mean, standardDeviation })) {
    if (values !== undefined && (values.length !== numChannels || !values.every(Number.isFinite))) {
      throw new RangeError(`${name} must hold ${numChannels} finite numbers, but is [${values.join(', ')}]`);
    }
  }
  if (standardDeviation?.some((value) => value <= 0)) {
    throw new RangeError(
      `standardDeviation must be greater than 0, but is [${standardDeviation.join(', ')}]`,
    );
  }
  if (meanImage === undefined) return;
  if (mean !== undefined) throw new TypeError('give either mean or meanImage, not both');
  checkTensor('meanImage', meanImage, { dtype: 'float32', ranks: [3] });
  const shape = [height, width, numChannels];
  if (meanImage.shape.join() !== shape.join()) {
    throw new RangeError(
      `meanImage must have the shape of an image, [${shape.join(', ')}], but has [${meanImage.shape.join(', ')}]`,
    );
  }
}
