import * as tf from '@tensorflow/tfjs';
import { dropout } from '@superconvergence/ops';
import type { LayerOptions } from './layer-options.ts';
import { fnv1a } from '../random-generator.ts';

/** What a {@link Dropout} is made of. */
export type DropoutOptions = LayerOptions & {
  /** Share of the inputs that are set to 0 in training, in [0, 1). */
  rate: number;
};

/**
 * Dropout whose mask is a function of a seed that is passed in, so that a compiled step can be fed with another at each
 * step and a resumed run draws what an unbroken one would: `model.apply(x, { training: true, dropoutSeed })` with
 * `dropoutSeed` `[2]` int32. Each layer mixes in its own name. Without the seed, as in `model.fit`, JavaScript draws
 * the mask.
 *
 * It saves as the standard `Dropout`, which lets JavaScript draw.
 */
export class Dropout extends tf.layers.Layer {
  static readonly className = 'Dropout';
  private readonly rate: number;

  constructor({ rate, ...rest }: DropoutOptions) {
    super(rest);
    if (!(rate >= 0 && rate < 1)) throw new RangeError(`rate must be in [0, 1), but is ${rate}`);
    this.rate = rate;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    { training = false, dropoutSeed }: { training?: boolean; dropoutSeed?: tf.Tensor1D },
  ): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    if (!training || this.rate === 0) return x.clone();
    if (dropoutSeed === undefined) return tf.dropout(x, this.rate);
    return tf.tidy(() =>
      dropout(x, this.rate, dropoutSeed.add(tf.tensor1d([ownSeed(this.name), 0], 'int32'))),
    );
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, noiseShape: null, seed: null };
  }
}

/** Below 2²³, so that the sum with a seed below 2²³ is exact where integers are floats (WebGL). */
function ownSeed(name: string): number {
  return fnv1a(name) >>> 9;
}
