import type * as tf from '@tensorflow/tfjs';

/** Throws a TypeError unless `tensor` has the type, and a RangeError unless it has one of the ranks. */
export function checkTensor(
  name: string,
  tensor: tf.Tensor,
  allowed: { dtype: tf.DataType; ranks: readonly number[] },
): void {
  if (tensor.dtype !== allowed.dtype) {
    throw new TypeError(`${name} must be ${allowed.dtype}, but is ${tensor.dtype}`);
  }
  if (!allowed.ranks.includes(tensor.rank)) {
    throw new RangeError(
      `${name} must have rank ${allowed.ranks.join(' or ')}, but has shape [${tensor.shape.join(', ')}]`,
    );
  }
}

/** Throws a RangeError unless `tensor` is a float32 vector with one entry for each channel of `x`. */
export function checkChannelVector(name: string, tensor: tf.Tensor, x: tf.Tensor): void {
  checkTensor(name, tensor, { dtype: 'float32', ranks: [1] });
  const channels = x.shape.at(-1);
  if (tensor.shape[0] !== channels) {
    throw new RangeError(
      `${name} must have one entry for each of the ${String(channels)} channels of x, but has ${String(tensor.shape[0])}`,
    );
  }
}
