/**
 * Replaces a method of one object, own or inherited, by what `replace` makes of the method it had.
 *
 * @returns puts things back as they were
 */
export function patch<T extends object, K extends keyof T>(
  target: T,
  name: K,
  replace: (original: T[K] extends (...args: infer P) => infer R ? (...args: P) => R : never) => T[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const method = target[name] as (...args: unknown[]) => unknown;
  const original = ((...args: unknown[]) => method.apply(target, args)) as Parameters<typeof replace>[0];
  Object.defineProperty(target, name, { value: replace(original), configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}
