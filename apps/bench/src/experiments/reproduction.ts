import { z } from 'zod';
import { engineWith, type EngineSummary } from '../engine.ts';
import { Interrupted } from '../interruption.ts';
import { describeHardware, openRun } from '../run-directory.ts';
import { comparisonClaims, rangeTestClaims, timingClaims, type Claim } from './claims.ts';
import { runComparison, type ComparisonResult } from './comparison.ts';
import { loadData } from './data.ts';
import type { Plan } from './plan.ts';
import {
  rangeTestDefaults,
  rangeTestInDirectory,
  type RangeTestConfig,
  type RangeTestRunResult,
} from './range-test-run.ts';
import { timeInDirectory, type TimingConfig, type TimingResult } from './timing.ts';
import { tunedUse } from './tuned-use.ts';
import type { ExperimentContext } from './training-pool.ts';

/** Everything that a report shows of a reproduction. */
export interface Reproduction {
  readonly preset: string;
  readonly finishedAt: string;
  readonly engine: EngineSummary;
  readonly hardware: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
  readonly timings: readonly TimingResult[];
  readonly rangeTests: readonly RangeTestRunResult[];
  readonly comparison: ComparisonResult;
  readonly claims: readonly Claim[];
}

/** Runs the experiments of `plan` one after the other, or reuses them where they are finished. */
export async function runReproduction(
  preset: string,
  plan: Plan,
  context: ExperimentContext,
): Promise<Reproduction> {
  const { progress } = context;
  progress.note(`timing: ${plan.timing.models.join(', ')}`);
  const timings = await runTimings(plan.timing, context);
  progress.note(`LR range test: ${plan.rangeTest.model}, ${plan.rangeTest.seeds.length} seeds`);
  const rangeTests = await runRangeTests(plan.rangeTest, context);
  progress.note(
    `1cycle against a step schedule: ${plan.comparison.model}, ${plan.comparison.steps} steps each`,
  );
  const comparison = await runComparison(plan.comparison, context);
  return {
    preset,
    finishedAt: new Date().toISOString(),
    engine: context.engine,
    hardware: describeHardware(),
    plan,
    timings,
    rangeTests,
    comparison,
    claims: [
      ...timingClaims(timings),
      ...rangeTestClaims(rangeTests, comparison),
      ...comparisonClaims(comparison),
    ],
  };
}

async function runTimings(plan: Plan['timing'], context: ExperimentContext): Promise<TimingResult[]> {
  const { results, progress, signal, fresh } = context;
  const timings: TimingResult[] = [];
  for (const model of plan.models) {
    if (signal.aborted) throw new Interrupted();
    const { batchSize, iterations } = plan;
    const config: TimingConfig = { model, batchSize, iterations, mode: 'forward-backward', compile: true };
    const engine = engineWith(context.engine, tunedUse(config, progress, false));
    const directory = openRun({ results, experiment: 'timing', config, engine }, { fresh });
    timings.push(await timeInDirectory(directory, config, { ...context, engine }));
  }
  return timings;
}

async function runRangeTests(
  plan: Plan['rangeTest'],
  context: ExperimentContext,
): Promise<RangeTestRunResult[]> {
  const { results, engine, progress, signal, fresh } = context;
  const { seeds, ...settings } = plan;
  const shared = { ...rangeTestDefaults, ...settings };
  const data = await loadData({ ...shared, progress });
  const { validation } = data;
  if (!validation) throw new RangeError('a range test needs validation images');
  const tests: RangeTestRunResult[] = [];
  for (const seed of seeds) {
    if (signal.aborted) throw new Interrupted();
    const config: RangeTestConfig = { ...shared, seed };
    const directory = openRun(
      { results, experiment: 'range-test', config: { ...config }, engine },
      { fresh },
    );
    const label = `range test ${tests.length + 1}/${seeds.length}`;
    tests.push(
      await rangeTestInDirectory(directory, config, { ...data, validation }, { progress, signal, label }),
    );
  }
  return tests;
}

export const reproductionSchema = z.custom<Reproduction>(
  (value) => typeof value === 'object' && value !== null && 'claims' in value && 'comparison' in value,
);
