import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { bundle } from './testing/bundle.ts';

it.each([
  { what: 'oneCycle alone', program: "export { oneCycle } from '../index.ts'", limit: 3_000 },
  { what: 'the main entry in all', program: "export * from '../index.ts'", limit: 10_000 },
  ...['torch', 'fastai', 'optax', 'keras', 'caffe', 'tfjs'].map((name) => ({
    what: `/${name} in all`,
    program: `export * from '../${name}/index.ts'`,
    limit: 5_000,
  })),
])('$what is at most $limit bytes, minified and compressed', async ({ program, limit }) => {
  const { length } = gzipSync(await bundle(program));
  expect(length).toBeLessThanOrEqual(limit);
  expect(length).toBeGreaterThan(500);
});
