import * as tf from '@tensorflow/tfjs';

/** A model's variable under the name that its layer gave it, which is the same in every process. */
export interface NamedVariable {
  readonly name: string;
  readonly variable: tf.Variable;
}

/** The trainable variables of `model`, in the model's order. */
export function trainableVariables(model: tf.LayersModel): NamedVariable[] {
  return model.trainableWeights.map(toNamedVariable);
}

/** The variables that training changes without gradients: batch norm's moving averages. */
export function nonTrainableVariables(model: tf.LayersModel): NamedVariable[] {
  return model.nonTrainableWeights.map(toNamedVariable);
}

/** Every variable of `model`: first the trainable ones, then the others. */
export function modelVariables(model: tf.LayersModel): NamedVariable[] {
  return [...trainableVariables(model), ...nonTrainableVariables(model)];
}

/** The variable of a model's or a layer's weight. */
export function toNamedVariable(weight: tf.LayersModel['weights'][number]): NamedVariable {
  // Typed as a tensor, but what a layer reads is its variable.
  const variable = weight.read();
  if (!isVariable(variable)) throw new TypeError(`${weight.originalName} is no variable`);
  return { name: weight.originalName, variable };
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}
