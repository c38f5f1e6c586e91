import { requireThat } from '../checks.ts';
import { learningRateSetter, momentumSetter, type OptimizerLike } from './optimizer-setters.ts';

/** Options of {@link scheduleCallback}; any pair such as that of `oneCycle` can be spread into them. */
export type ScheduleCallbackOptions = {
  /** The learning rate; without it the optimiser's own stays. */
  readonly learningRate?: (step: number) => number;
  /** The momentum, for Adam and Adamax `beta1`; without it the optimiser's own stays. */
  readonly momentum?: (step: number) => number;
  /** Updates already done, where a run is gone on with; an integer of at least 0. @default 0 */
  readonly initialStep?: number;
} & (
  | {
      /** The optimiser that the model is compiled with. */
      readonly optimizer: OptimizerLike;
      readonly model?: undefined;
    }
  | {
      /** A compiled `tf.LayersModel`, for its optimiser. */
      readonly model: { readonly optimizer: OptimizerLike };
      readonly optimizer?: undefined;
    }
);

/** What `fit` and `fitDataset` take as `callbacks`. */
export type ScheduleCallback = {
  readonly onBatchBegin: () => void;
  /** Updates begun so far, over all epochs and fits: the `initialStep` to go on with. */
  readonly step: number;
};

/**
 * Sets learning rate and momentum before every batch of `tf.LayersModel.fit` and `fitDataset`, where the update really
 * reads them. (In tfjs 4.22 the public `setMomentum` has no effect, and only SGD and Momentum have `setLearningRate`.)
 *
 * | optimiser | learning rate | momentum |
 * | --- | --- | --- |
 * | `sgd` | yes | none |
 * | `momentum` | yes | yes |
 * | `rmsprop` | yes | yes |
 * | `adam`, `adamax` | yes | `beta1`, its bias correction kept exact |
 * | `adagrad`, `adadelta` | yes | none |
 *
 * After training the optimiser keeps the last values. Beside a callback object of tfjs, such as
 * `tf.callbacks.earlyStopping()`, it has to be one too: `new tf.CustomCallback(scheduleCallback(…))`.
 *
 * @example
 * const schedules = oneCycle({ totalSteps: 1_000, maxLearningRate: 0.4 });
 * await model.fit(x, y, { epochs: 8, callbacks: scheduleCallback({ model, ...schedules }) });
 * @throws TypeError if the optimiser can't be scheduled so, if the model is not compiled, or without a schedule;
 * RangeError if `initialStep` is out of range.
 * @see tfjs-core 4.22.0, `optimizers/`.
 */
export function scheduleCallback(options: ScheduleCallbackOptions): ScheduleCallback {
  const { model, learningRate, momentum, initialStep = 0 } = options;
  const optimizer = model ? model.optimizer : options.optimizer;
  // A model that is not compiled has none, whatever its type says.
  if (typeof (optimizer as OptimizerLike | undefined)?.getClassName !== 'function') {
    throw new TypeError('scheduleCallback: needs an optimizer, or a model that is compiled');
  }
  if (!learningRate && !momentum)
    throw new TypeError('scheduleCallback: needs learningRate, momentum or both');
  const isCount = Number.isSafeInteger(initialStep) && initialStep >= 0;
  let step = requireThat(isCount, 'scheduleCallback: initialStep', initialStep, 'an integer ≥ 0');
  const setLearningRate = learningRate && learningRateSetter(optimizer);
  const setMomentum = momentum && momentumSetter(optimizer);

  return {
    get step() {
      return step;
    },
    // Counts as batches begin: given onBatchEnd, tfjs waits for the loss of every batch.
    onBatchBegin: () => {
      if (model && model.optimizer !== optimizer) {
        throw new TypeError('scheduleCallback: the model was compiled again; make a new callback');
      }
      if (learningRate) setLearningRate?.(learningRate(step));
      if (momentum) setMomentum?.(momentum(step));
      step += 1;
    },
  };
}
