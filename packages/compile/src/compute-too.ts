import type * as tf from '@tensorflow/tfjs';

let collector: tf.Tensor[] | undefined;

/**
 * Has tensors computed whose values the compiled function doesn't return: without it, TensorFlow drops what nothing
 * else depends on, for example the backward pass of a function that returns the loss alone. Does nothing outside a
 * compiled function.
 *
 * @example
 * const forwardAndBackward = compile((x) => {
 *   const { value, grads } = tf.variableGrads(() => loss(x));
 *   computeToo(Object.values(grads));
 *   return value;
 * });
 */
export function computeToo(tensors: readonly tf.Tensor[]): void {
  collector?.push(...tensors);
}

/** Runs `fn` and collects what it wants computed too. */
export function computedToo<T>(fn: () => T): { value: T; also: readonly tf.Tensor[] } {
  const outer = collector;
  const also: tf.Tensor[] = [];
  collector = also;
  try {
    return { value: fn(), also };
  } finally {
    collector = outer;
  }
}
