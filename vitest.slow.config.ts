import { defineConfig } from 'vitest/config';

/** Full-size nets, kills, other Node versions, packed packages: minutes each. */
export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.slow.test.ts',
      'apps/*/src/**/*.slow.test.ts',
      'examples/*/*.slow.test.ts',
    ],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
