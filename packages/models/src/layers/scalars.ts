import * as tf from '@tensorflow/tfjs';

/**
 * Adds one trainable number to everything: `x + bias`, starting at 0.
 *
 * @see Zhang, Dauphin & Ma, Fixup, https://arxiv.org/abs/1901.09321, section 3, rule 3
 */
export class ScalarBias extends tf.layers.Layer {
  static readonly className = 'ScalarBias';
  private bias: tf.LayerVariable | undefined;

  override build(): void {
    this.bias = this.addWeight('bias', [1], 'float32', tf.initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.add(onlyTensor(inputs), weightOf(this, this.bias));
  }
}

/**
 * Multiplies everything by one trainable number: `x · scale`, starting at 1.
 *
 * @see Zhang, Dauphin & Ma, Fixup, https://arxiv.org/abs/1901.09321, section 3, rule 3
 */
export class ScalarScale extends tf.layers.Layer {
  static readonly className = 'ScalarScale';
  private scale: tf.LayerVariable | undefined;

  override build(): void {
    this.scale = this.addWeight('scale', [1], 'float32', tf.initializers.ones());
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(onlyTensor(inputs), weightOf(this, this.scale));
  }
}

function onlyTensor(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
}

function weightOf(layer: tf.layers.Layer, weight: tf.LayerVariable | undefined): tf.Tensor {
  if (weight === undefined) throw new RangeError(`layer ${layer.name} must be built before it is called`);
  return weight.read();
}
