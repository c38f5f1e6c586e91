import { areThreadsGiven, defaultUse, type MachineUse } from '../engine.ts';
import type { Progress } from '../progress.ts';
import { describeUse } from './tuning-choice.ts';
import { findChoice, tuningKey } from './tuning-store.ts';

export interface Workload {
  readonly model: string;
  readonly batchSize: number;
  /** What isn't compiled was not measured. */
  readonly compile: boolean;
}

/**
 * How to train a model: as `bench tune` chose, where it did, and says so; else by the default rule. Threads that the
 * environment gives count more. Asked before the engine is started.
 *
 * @param withTowers false for work that has none, a forward pass for example
 */
export function tunedUse(
  { model, batchSize, compile }: Workload,
  progress: Progress,
  withTowers = true,
): MachineUse {
  const key = compile ? tuningKey(model, batchSize) : undefined;
  const choice = key && findChoice(key, progress);
  if (choice === undefined) return defaultUse;
  const what = `${model}, batch ${batchSize}`;
  if (areThreadsGiven) {
    progress.note(`${what}: threads as the environment gives them (TF_NUM_…_THREADS), not as tuned`);
    return defaultUse;
  }
  const { intraOpThreads, interOpThreads } = choice;
  const use = { intraOpThreads, interOpThreads, towers: withTowers ? choice.towers : 1 };
  progress.note(`${what}: ${describeUse(use)}, as tuned on ${choice.measuredAt.slice(0, 10)}`);
  return use;
}
