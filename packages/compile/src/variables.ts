import * as tf from '@tensorflow/tfjs';
import type { NativeBackend } from './native-backend.ts';

/** Every living variable of tfjs. */
export function registeredVariables(): tf.Variable[] {
  return Object.values(tf.engine().state.registeredVariables);
}

/**
 * Gives a variable data that it shares with no other tensor. `tf.variable(t)`, `assign` and `clone` share, so the data
 * would not tell which variable or constant is meant.
 */
export function givenOwnData(backend: NativeBackend, variable: tf.Variable): void {
  if (backend.tensorMap.has(variable.dataId) && backend.refCount(variable.dataId) === 1) return;
  assignAndDispose(variable, tf.tensor(variable.dataSync().slice(), variable.shape, variable.dtype));
}

/** Remembers the values of variables; the result gives them back. */
export function keepValues(variables: readonly tf.Variable[]): () => void {
  const kept = variables.map((variable) => ({ variable, value: tf.keep(tf.clone(variable)) }));
  return () => {
    for (const { variable, value } of kept) {
      if (variable.isDisposed) value.dispose();
      else assignAndDispose(variable, value);
    }
  };
}

/** Moves the data of a tensor into a variable. */
export function assignAndDispose(variable: tf.Variable, value: tf.Tensor): void {
  variable.assign(value);
  value.dispose();
}
