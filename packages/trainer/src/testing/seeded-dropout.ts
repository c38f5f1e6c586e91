import { dropout } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';

/** Dropout with the step's seed as it is: its mask can be worked out outside. */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'SeededDropout';
  readonly rate: number;

  constructor(rate: number) {
    super({});
    this.rate = rate;
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override call(
    inputs: tf.Tensor[],
    { training = false, dropoutSeed }: { training?: boolean; dropoutSeed?: tf.Tensor1D },
  ): tf.Tensor {
    const [x] = inputs as [tf.Tensor];
    if (!training) return x.clone();
    if (dropoutSeed === undefined) throw new RangeError('dropoutSeed is missing');
    return dropout(x, this.rate, dropoutSeed);
  }
}
