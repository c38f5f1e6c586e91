import * as tf from '@tensorflow/tfjs';

/** Nested arrays and objects with their tensors taken out, and the way back. */
export interface Flattened {
  readonly tensors: tf.Tensor[];
  /** Equal for two values exactly if they differ in nothing but the data of their tensors. */
  readonly key: string;
  /** The same nesting around other tensors. */
  rebuild(tensors: readonly tf.Tensor[]): unknown;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** Takes the tensors out of nested arrays and plain objects. Variables and all other objects stay what they are. */
export function flatten(value: unknown): Flattened {
  const tensors: tf.Tensor[] = [];
  const visit = (part: unknown): { key: string; rebuild: (tensors: readonly tf.Tensor[]) => unknown } => {
    if (isTensor(part)) {
      const index = tensors.push(part) - 1;
      return { key: `${part.dtype}[${part.shape.join()}]`, rebuild: (others) => others[index] };
    }
    if (Array.isArray(part)) {
      const parts = part.map(visit);
      const key = `[${parts.map((child) => child.key).join()}]`;
      return { key, rebuild: (others) => parts.map((child) => child.rebuild(others)) };
    }
    if (isPlainObject(part)) {
      const parts = Object.entries(part).map(([name, child]) => ({ name, ...visit(child) }));
      const key = `{${parts.map((child) => `${JSON.stringify(child.name)}:${child.key}`).join()}}`;
      return {
        key,
        rebuild: (others) => Object.fromEntries(parts.map(({ name, rebuild }) => [name, rebuild(others)])),
      };
    }
    return { key: keyOf(part), rebuild: () => part };
  };
  return { tensors, ...visit(value) };
}

function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor && !(value instanceof tf.Variable);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function keyOf(value: unknown): string {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    const identity = identities.get(value) ?? ++lastIdentity;
    identities.set(value, identity);
    return `#${identity}`;
  }
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'string' ? JSON.stringify(value) : `${typeof value}:${String(value)}`;
}
