import { afterEach } from 'vitest';
import type { Disposable } from '../index.ts';

const toDispose: Disposable[] = [];

afterEach(() => {
  for (const each of toDispose.splice(0)) each.dispose();
});

/** Has a compiled function disposed of when the test ends. */
export function disposeLater<T extends Disposable>(compiled: T): T {
  toDispose.push(compiled);
  return compiled;
}
