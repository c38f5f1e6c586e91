import type { ModelName } from '@superconvergence/models';

/** What one preset of `reproduce` does. */
export interface Plan {
  readonly timing: {
    /** The first is the one that the others are compared with. */
    readonly models: readonly ModelName[];
    readonly batchSize: number;
    readonly iterations: number;
  };
  readonly rangeTest: {
    readonly model: ModelName;
    readonly trainSize: number;
    readonly batchSize: number;
    readonly steps: number;
    readonly numPoints: number;
    readonly maxLearningRate: number;
    readonly seeds: readonly number[];
  };
  readonly comparison: {
    readonly model: ModelName;
    readonly trainSize: number;
    readonly batchSize: number;
    readonly steps: number;
    /** Highest rates that both arms try, each once, with a seed of its own, judged on validation images. */
    readonly rates: readonly number[];
    readonly searchSeed: number;
    readonly seeds: readonly number[];
  };
}
