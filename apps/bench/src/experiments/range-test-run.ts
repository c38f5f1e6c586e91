import type { ModelName } from '@superconvergence/models';
import { analyzeRangeTest, type RangeTestAnalysis } from '@superconvergence/schedules';
import {
  rangeTest,
  type BatchSource,
  type RangeTestPoint,
  type RangeTestResult,
} from '@superconvergence/trainer';
import { Interrupted } from '../interruption.ts';
import { formatSeconds, type Progress } from '../progress.ts';
import { machineUseOf, type RunDirectory } from '../run-directory.ts';
import { createNetwork } from './create-network.ts';
import type { Data, DataConfig } from './data.ts';

/** Everything that decides the outcome of a range test. */
export interface RangeTestConfig extends DataConfig {
  readonly model: ModelName;
  readonly minLearningRate: number;
  readonly maxLearningRate: number;
  readonly scale: 'linear' | 'exponential';
  readonly steps: number;
  readonly numPoints: number;
  readonly batchSize: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly trainSize: number;
  readonly validationShare: number;
  readonly augmentation: boolean;
  /** Each step as one TensorFlow graph. */
  readonly compile: boolean;
  readonly seed: number;
}

export const rangeTestDefaults = {
  minLearningRate: 1e-3,
  maxLearningRate: 3,
  scale: 'linear',
  numPoints: 50,
  momentum: 0.9,
  weightDecay: 5e-4,
  /** 1,000 of the 50,000. */
  validationShare: 0.02,
  augmentation: true,
  compile: true,
} as const satisfies Partial<RangeTestConfig>;

export interface RangeTestRunResult extends RangeTestResult {
  readonly run: string;
  readonly seconds: number;
}

/** Runs a range test in `directory` and stores its result there. A finished one is not done again. */
export async function rangeTestInDirectory(
  directory: RunDirectory,
  config: RangeTestConfig,
  data: Data & { validation: BatchSource },
  { progress, signal, label }: { progress: Progress; signal: AbortSignal; label: string },
): Promise<RangeTestRunResult> {
  if (directory.record.finishedAt !== undefined) return directory.record.result as RangeTestRunResult;
  const startedAt = performance.now();
  const model = createNetwork(config, data.train);
  const show = (point: RangeTestPoint) => {
    directory.log({ type: 'range-test', ...point });
    const left = ((config.steps - point.step) * config.batchSize) / point.imagesPerSecond;
    progress.update(
      `${label}  step ${point.step}/${config.steps}  rate ${point.learningRate.toPrecision(3)}  ` +
        `validation loss ${point.validationLoss.toFixed(3)}  ${Math.round(point.imagesPerSecond)} images/s  ${formatSeconds(left)} left`,
    );
  };
  try {
    const { batchSize, momentum, weightDecay, steps, numPoints, scale, seed, compile } = config;
    const result = await rangeTest({
      ...{ batchSize, momentum, weightDecay, steps, numPoints, scale, seed, compile },
      model,
      minimum: config.minLearningRate,
      maximum: config.maxLearningRate,
      towers: machineUseOf(directory.record).towers,
      data: data.train,
      validation: data.validation,
      signal,
      onPoint: show,
    });
    if (result.stopped === 'aborted') throw new Interrupted();
    const stored = { ...result, run: directory.record.run, seconds: (performance.now() - startedAt) / 1000 };
    directory.finish(stored);
    return stored;
  } finally {
    model.dispose();
    progress.clear();
  }
}

/** fastai smooths the loss of every update with this. */
const fastaiBeta = 0.98;

/** What each rule reads from a test; from several, the median, with their band. */
export function suggestionsOf(tests: readonly RangeTestRunResult[]): RangeTestAnalysis {
  const curves = tests.map(({ points }) => points);
  const [first = []] = curves;
  // A point's training loss is the mean over the updates since the one before: the smoothing's memory stays the same.
  const beta = fastaiBeta ** (first[0]?.step ?? 1);
  return analyzeRangeTest(curves.length > 1 ? curves : first, { beta });
}
