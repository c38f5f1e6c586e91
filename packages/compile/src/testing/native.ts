import { loadEngine } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';

/** Loads native TensorFlow, without which these tests mean nothing. */
export async function loadNative(): Promise<void> {
  await loadEngine({ fallback: 'error', quiet: true });
  await tf.setBackend('tensorflow');
}

/** ‖a − b‖₂ / ‖b‖₂. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
    norm += (b[i] ?? NaN) ** 2;
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}
