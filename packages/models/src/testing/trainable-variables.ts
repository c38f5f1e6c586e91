import * as tf from '@tensorflow/tfjs';

/** The variables behind a model's trainable weights, in their order. */
export function trainableVariables(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => {
    const tensor = weight.read();
    if (!isVariable(tensor)) throw new TypeError(`${weight.originalName} is no variable`);
    return tensor;
  });
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}
