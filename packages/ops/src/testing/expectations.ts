import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

/** A tensor of that shape filled by a formula, without any repetition. */
export function wave(shape: number[], phase: number): tf.Tensor {
  return tf.tidy(() => tf.range(0, tf.util.sizeFromShape(shape)).mul(0.7).add(phase).sin().reshape(shape));
}

/** Compares each component of a scalar function's gradient with (f(x + h) − f(x − h)) / 2h. */
export function expectFiniteDifferences(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): void {
  tf.tidy(() => {
    const h = 1e-2;
    const numeric = Array.from({ length: x.size }, (_, index) => {
      const step = tf.oneHot([index], x.size).reshape(x.shape).mul(h);
      const difference = f(x.add(step)).sub(f(x.sub(step)));
      return (difference.dataSync()[0] ?? NaN) / (2 * h);
    });
    expectClose(tf.grad((t: tf.Tensor) => f(t).asScalar())(x), numeric, 5e-3);
  });
}

export function expectClose(actual: tf.Tensor | undefined, expected: number[], tolerance = 1e-5): void {
  if (actual === undefined) throw new Error('there is no tensor to compare');
  const values = Array.from(actual.dataSync());
  expect(values).toHaveLength(expected.length);
  values.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] ?? NaN)), `entry ${index}: ${value}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

/** ‖a − b‖₂ ≤ 1e-5 · ‖b‖₂ */
export function expectRelative(actual: tf.Tensor | undefined, expected: tf.Tensor | undefined): void {
  if (actual === undefined || expected === undefined) throw new Error('there is no tensor to compare');
  expect(actual.shape).toEqual(expected.shape);
  const error = actual.sub(expected).norm().dataSync()[0] ?? NaN;
  expect(error).toBeLessThanOrEqual(1e-5 * (expected.norm().dataSync()[0] ?? NaN));
}
