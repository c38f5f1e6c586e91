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
 */
export function lossAndGradients(
  model: tf.LayersModel,
  variables: readonly NamedVariable[],
  images: tf.Tensor4D,
  labels: tf.Tensor1D,
): LossAndGradients {
  const { value, grads } = tf.variableGrads(
    () =>
      softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor2D, labels).mean<tf.Scalar>(),
    variables.map(({ variable }) => variable),
  );
  const gradients = variables.map(({ name, variable }) => {
    const gradient = grads[variable.name];
    if (!gradient) throw new Error(`the loss does not depend on ${name}`);
    return gradient;
  });
  return { loss: value, gradients };
}

/** One optimiser step on one batch; returns the batch's loss, before the update. */
export type TrainingStep = (images: tf.Tensor4D, labels: tf.Tensor1D, scalars: UpdateScalars) => tf.Scalar;

/** Joins `model` and `optimizer` to a step whose every changing quantity is an input. */
export function trainingStep(model: tf.LayersModel, optimizer: Optimizer): TrainingStep {
  const variables = trainableVariables(model);
  return (images, labels, scalars) =>
    tf.tidy(() => {
      const { loss, gradients } = lossAndGradients(model, variables, images, labels);
      optimizer.update(gradients, scalars);
      return loss;
    });
}
