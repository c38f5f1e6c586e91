import type { EngineSummary } from '../engine.ts';

/** An engine as results record it, for tests of what is made of results. */
export const engine: EngineSummary = {
  native: true,
  tensorflow: '2.21.0',
  device: 'cpu',
  threads: 2,
  interOpThreads: 2,
  towers: 1,
  precision: 'float32',
};
