import {
  rangeTestSchedule,
  rangeTestStop,
  suggestLearningRates,
  type LearningRateSuggestion,
} from '@superconvergence/schedules';
import type { BatchSource } from './batch-source.ts';
import { modelVariables } from './model-variables.ts';
import { train, type TrainOptions } from './train.ts';
import { readVariables, writeVariables } from './training-state.ts';

export interface RangeTestOptions extends Pick<
  TrainOptions,
  | 'model'
  | 'data'
  | 'batchSize'
  | 'momentum'
  | 'weightDecay'
  | 'optimizer'
  | 'seed'
  | 'towers'
  | 'compile'
  | 'signal'
> {
  /** Images not trained on, whose loss decides. A sample of a thousand or two will do. */
  validation: BatchSource;
  /** Updates of the whole test. */
  steps: number;
  /** The first rate. Default 1e-3. */
  minimum?: number;
  /** The rate of the last step. Default 3. */
  maximum?: number;
  /** How the rate rises. Smith's tests are `'linear'` (the default); `'exponential'` spans decades. */
  scale?: 'linear' | 'exponential';
  /** How many points the curve has. Default 50. */
  numPoints?: number;
  /** Ends the test when the validation loss exceeds the best so far by this factor. Default 4. */
  stopFactor?: number;
  onPoint?: (point: RangeTestPoint) => void;
}

export interface RangeTestPoint {
  /** Updates done. */
  readonly step: number;
  /** What the last of these updates used. */
  readonly learningRate: number;
  /** Mean over the steps since the point before. */
  readonly trainingLoss: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly imagesPerSecond: number;
}

export interface RangeTestResult {
  readonly points: readonly RangeTestPoint[];
  /** `range-done`: to the maximum; `loss-exploded`: past `stopFactor`; `diverged`: a loss that is no number. */
  readonly stopped: 'range-done' | 'loss-exploded' | 'diverged' | 'aborted';
  readonly suggestion: LearningRateSuggestion;
}

/**
 * A learning-rate range test: trains while the rate rises, and follows the loss on validation data. Batch norm is
 * evaluated with the statistics of the validation batches, since moving averages lag behind weights that change this
 * fast. The model is afterwards what it was before.
 *
 * @see Smith, "Cyclical learning rates" (arXiv 1506.01186) §3.3; on the test loss: arXiv 1803.09820 §4.1
 */
export async function rangeTest(options: RangeTestOptions): Promise<RangeTestResult> {
  const {
    model,
    validation,
    steps,
    minimum = 1e-3,
    maximum = 3,
    scale = 'linear',
    numPoints = 50,
    stopFactor = 4,
  } = options;
  if (!(minimum > 0 && minimum < maximum && maximum < Infinity)) {
    throw new RangeError(
      `minimum and maximum must satisfy 0 < minimum < maximum; got ${minimum} and ${maximum}`,
    );
  }
  if (!Number.isInteger(numPoints) || numPoints < 1 || numPoints > steps) {
    throw new RangeError(`numPoints must be an integer from 1 to steps, ${steps}; got ${numPoints}`);
  }
  if (!(stopFactor > 1)) throw new RangeError(`stopFactor must be more than 1; got ${stopFactor}`);
  // A mean over all validation images needs no smoothing.
  const stopRule = { factor: stopFactor, beta: 0 };
  const every = Math.floor(steps / numPoints);
  const learningRate = rangeTestSchedule({ minimum, maximum, steps, scale });
  const before = await readVariables(modelVariables(model));

  const points: RangeTestPoint[] = [];
  let stopped: RangeTestResult['stopped'] = 'range-done';
  try {
    let training = { loss: NaN, learningRate: NaN, imagesPerSecond: NaN };
    const evaluation = { data: validation, every, statistics: 'batch' as const };
    for await (const event of train({ ...options, learningRate, evaluation, logEvery: every })) {
      if (event.type === 'step') training = event;
      if (event.type === 'done' && event.reason !== 'completed') stopped = event.reason;
      if (event.type !== 'evaluation') continue;
      const point: RangeTestPoint = {
        step: event.step,
        learningRate: training.learningRate,
        trainingLoss: training.loss,
        validationLoss: event.loss,
        validationAccuracy: event.accuracy,
        imagesPerSecond: training.imagesPerSecond,
      };
      points.push(point);
      options.onPoint?.(point);
      const stop = rangeTestStop(
        points.map(({ validationLoss }) => validationLoss),
        stopRule,
      );
      if (stop) {
        stopped = stop.reason;
        break;
      }
    }
  } finally {
    writeVariables(modelVariables(model), before);
  }
  return { points, stopped, suggestion: suggestLearningRates(points) };
}
