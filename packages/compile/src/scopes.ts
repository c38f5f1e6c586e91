import * as tf from '@tensorflow/tfjs';
import { patch } from './patch.ts';
import type { Recorder } from './recorder.ts';

interface TapeEngine {
  addTapeNode(
    name: string,
    inputs: unknown,
    outputs: unknown,
    gradient: GradientFunction | null,
    saved: unknown,
    attributes: unknown,
  ): void;
  state: { activeTape: { gradient?: GradientFunction }[] };
}
type GradientFunction = (...args: unknown[]) => Record<string, () => tf.Tensor>;

/**
 * While a function is recorded: names its operations after the layer that they come from, and those of the backward
 * pass `gradients/` and the same.
 *
 * @returns ends it
 */
export function nameScopes(recorder: Recorder): () => void {
  const restoreApply = patchMethod(
    tf.layers.Layer.prototype,
    'apply',
    (original) =>
      function (this: tf.layers.Layer, ...args) {
        return recorder.inScope(this.name, () => original.apply(this, args));
      },
  );
  const engine = tf.engine() as unknown as TapeEngine;
  const restoreTape = patch(engine, 'addTapeNode', (original) => (...args) => {
    original(...args);
    const node = engine.state.activeTape.at(-1);
    const gradient = node?.gradient;
    if (node === undefined || gradient === undefined) return;
    const scope = `gradients/${recorder.scope}`;
    node.gradient = (...gradientArgs) =>
      Object.fromEntries(
        Object.entries(recorder.inScope(scope, () => gradient(...gradientArgs))).map(([name, compute]) => [
          name,
          () => recorder.inScope(scope, compute),
        ]),
      );
  });
  return () => {
    restoreTape();
    restoreApply();
  };
}

/** Replaces a method that many objects share through their prototype, and that needs its `this`. */
export function patchMethod<T extends object>(
  prototype: T,
  name: keyof T,
  replace: (original: (this: T, ...args: unknown[]) => unknown) => (this: T, ...args: unknown[]) => unknown,
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const original = prototype[name] as (this: T, ...args: unknown[]) => unknown;
  Object.defineProperty(prototype, name, { value: replace(original), configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(prototype, name);
    else Object.defineProperty(prototype, name, own);
  };
}
