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

/** Throws unless `tensor` is float32 and has the shape of `other`. */
export function checkSameShape(name: string, tensor: tf.Tensor, otherName: string, other: tf.Tensor): void {
  if (tensor.dtype !== 'float32') throw new TypeError(`${name} must be float32, but is ${tensor.dtype}`);
  const [shape, expected] = [tensor.shape.join(', '), other.shape.join(', ')];
  if (shape !== expected) {
    throw new RangeError(`${name} must have the shape of ${otherName}, [${expected}], but has [${shape}]`);
  }
}

/** Throws unless `tensor` is a float32 scalar. */
export function checkScalar(name: string, tensor: tf.Tensor): void {
  checkTensor(name, tensor, { dtype: 'float32', ranks: [0] });
}
