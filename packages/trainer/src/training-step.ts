import { onDevice } from '@superconvergence/compile';
import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { trainableVariables, type NamedVariable } from './model-variables.ts';
import type { Optimizer, UpdateScalars } from './sgd.ts';

/** The loss of one batch and the gradient of every trainable variable, in the order of `variables`. */
export interface LossAndGradients {
  readonly loss: tf.Scalar;
  readonly gradients: tf.Tensor[];
}

/**
 * Forward and backward pass in training mode: mean cross-entropy of the model's logits and its gradients. Batch norm's
 * moving averages move. The caller disposes of the results (or works in a `tf.tidy`).
 *
 * @param images `[N, height, width, channels]` float32
 * @param labels `[N]` int32
 * @param options what every layer's `call` is given beside `training: true`
 */
export function lossAndGradients(
  model: tf.LayersModel,
  variables: readonly NamedVariable[],
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
  options: Pick<StepInputs, 'dropoutSeed'> = {},
): LossAndGradients {
  const { value, grads } = tf.variableGrads(
    () => {
      const logits = model.apply(images, { ...options, training: true }) as tf.Tensor2D;
      return softmaxCrossEntropy(logits, labels).mean<tf.Scalar>();
    },
    variables.map(({ variable }) => variable),
  );
  const gradients = variables.map(({ name, variable }) => {
    const gradient = grads[variable.name];
    if (!gradient) throw new Error(`the loss does not depend on ${name}`);
    return gradient;
  });
  return { loss: value, gradients };
}

/** What changes from step to step beside the batch. */
export interface StepInputs extends UpdateScalars {
  /**
   * `[2]` int32, see `dropoutSeed()`: layers with dropout find it under this name in the keyword arguments of their
   * `call`, and mix in something of their own. Needed only for models with such layers.
   */
  readonly dropoutSeed?: tf.Tensor1D;
}

/** One optimiser step on one batch; returns the batch's loss, before the update. */
export type TrainingStep = (images: tf.Tensor4D, labels: tf.Tensor1D, inputs: StepInputs) => tf.Scalar;

export interface TrainingStepOptions {
  /**
   * Splits every batch into so many consecutive parts, each computed on its own (the "towers" of data parallelism), and
   * updates with the mean of their gradients. Batch norm normalises each part by itself, as on several GPUs, and its moving
   * averages take in the parts one after the other. Each has dropout of its own. Default 1.
   */
  towers?: number;
  /** TensorFlow's names of the devices that the towers are computed on in turn, when compiled. Default: TensorFlow chooses. */
  devices?: readonly string[];
}

/**
 * Joins `model` and `optimizer` to a step whose every changing quantity is an input.
 *
 * @throws RangeError for a number of towers below 1, and from the step for a batch that they can't share evenly
 */
export function trainingStep(
  model: tf.LayersModel,
  optimizer: Optimizer,
  { towers = 1, devices = [] }: TrainingStepOptions = {},
): TrainingStep {
  if (!Number.isInteger(towers) || towers < 1)
    throw new RangeError(`towers must be a positive integer; got ${towers}`);
  const variables = trainableVariables(model);
  return (images, labels, { dropoutSeed, ...scalars }) =>
    tf.tidy(() => {
      const parts = splitBatch(images, labels, towers).map(([x, y], i) =>
        onDevice(devices[i % devices.length], () =>
          lossAndGradients(
            model,
            variables,
            x,
            y,
            dropoutSeed && { dropoutSeed: seedOfTower(dropoutSeed, i) },
          ),
        ),
      );
      const gradients = variables.map((_, i) => mean(parts.map((part) => part.gradients[i] as tf.Tensor)));
      optimizer.update(gradients, scalars);
      return mean(parts.map(({ loss }) => loss));
    });
}

function splitBatch(
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
  towers: number,
): [images: tf.Tensor4D, labels: tf.Tensor1D][] {
  if (towers === 1) return [[images, labels]];
  const [batchSize] = labels.shape;
  if (batchSize % towers > 0)
    throw new RangeError(`a batch of ${batchSize} can't be split evenly into ${towers} towers`);
  const size = batchSize / towers;
  return Array.from({ length: towers }, (_, i) => [
    images.slice([i * size], [size]),
    labels.slice([i * size], [size]),
  ]);
}

/** The first tower's is the step's own, so that one tower is the same as none. */
function seedOfTower(dropoutSeed: tf.Tensor1D, tower: number): tf.Tensor1D {
  return tower === 0 ? dropoutSeed : dropoutSeed.add(tf.tensor1d([0, tower], 'int32'));
}

function mean<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.length === 1 ? (tensors[0] as T) : tf.addN([...tensors]).div(tensors.length);
}
