import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('@superconvergence/cifar/batches', () => {
  it('imports nothing but its own files, so that a browser can', async () => {
    const seen = new Set<string>();
    const foreign: string[] = [];
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = await readFile(path, 'utf8');
      for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
        if (specifier.startsWith('.')) await visit(resolve(dirname(path), specifier));
        else foreign.push(`${path}: ${specifier}`);
      }
      expect(text).not.toMatch(/\b(process|Buffer)\./);
    };
    await visit(resolve(import.meta.dirname, 'batches.ts'));
    expect(foreign).toEqual([]);
    expect([...seen].some((path) => path.endsWith('/standardise.ts'))).toBe(true);
  });
});
