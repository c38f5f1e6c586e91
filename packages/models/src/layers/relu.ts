import * as tf from '@tensorflow/tfjs';
import { relu } from '@superconvergence/ops';

/** Rectified linear unit with TensorFlow's own gradient kernel. It saves as the standard `ReLU`. */
export class ReLU extends tf.layers.Layer {
  static readonly className = 'ReLU';

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return relu((Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor);
  }
}
