import type * as tf from '@tensorflow/tfjs';

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

function toNamedVariable(weight: tf.LayersModel['weights'][number]): NamedVariable {
  // `val` is protected, but `variableGrads` needs the variable itself and tfjs has no public way to it.
  const { val } = weight as unknown as { val: tf.Variable };
  return { name: weight.originalName, variable: val };
}

/** Every variable of `model`: first the trainable ones, then the others. */
export function modelVariables(model: tf.LayersModel): NamedVariable[] {
  return [...trainableVariables(model), ...nonTrainableVariables(model)];
}
