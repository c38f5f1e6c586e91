import util from 'node:util';

/** tfjs-node calls these two functions of Node: newer versions warn about them, and Node 23 removed the first. */
export function restoreUtilFunctions(): void {
  const functions = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
