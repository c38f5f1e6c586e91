import type { ImageDataset } from './dataset.ts';
import { channelStatistics, meanImage } from './statistics.ts';

/** The ways of {@link preprocessing}. */
export const preprocessingNames = ['channels', 'mean-image', 'unit', 'lenet'] as const;

export type PreprocessingName = (typeof preprocessingNames)[number];

/** What {@link createBatchSource} takes: what to subtract and what to divide by, in units of 0 … 1. */
export interface Preprocessing {
  /** One a channel. */
  readonly mean?: number[];
  /** `[height, width, channels]` */
  readonly meanImage?: Float32Array;
  /** One a channel. */
  readonly std: number[];
}

/**
 * How the published experiments prepare pictures, for {@link createBatchSource}. With `p = 0 … 255`:
 *
 * - `'channels'`: `(p / 255 − mean) / std`, mean and standard deviation of each channel over the given examples; today's
 *   usual way. A channel that is the same everywhere is not divided.
 * - `'mean-image'`: `p − mean image`, of the Caffe networks of "Super-convergence" and "A disciplined approach": the mean of
 *   every pixel is subtracted, and the scale stays 0 … 255
 * - `'unit'`: `p / 255`, of domluna/SuperConvergence
 * - `'lenet'`: `p / 256`, of Caffe's LeNet
 *
 * The networks of "A disciplined approach" are tested on mirrored pictures too: give the test source
 * `augmentation: { mirror: true }`.
 *
 * @param indices the examples that are trained on, which mean and standard deviation are taken of. Default: all
 * @throws {RangeError} for an unknown name
 * @see https://github.com/lnsmith54/super-convergence, https://github.com/lnsmith54/hyperParam1
 * @example
 * const source = createBatchSource({ dataset, indices, ...preprocessing('mean-image', dataset, indices) });
 */
export function preprocessing(
  name: PreprocessingName,
  dataset: ImageDataset,
  indices?: Uint32Array,
): Preprocessing {
  const everyChannel = (value: number): number[] =>
    Array.from({ length: dataset.imageShape[2] }, () => value);
  switch (name) {
    case 'channels': {
      const { mean, std } = channelStatistics(dataset, indices);
      return { mean, std: std.map((value) => (value > 0 ? value : 1)) };
    }
    case 'mean-image':
      return { meanImage: meanImage(dataset, indices), std: everyChannel(1 / 255) };
    case 'unit':
      return { std: everyChannel(1) };
    case 'lenet':
      return { std: everyChannel(256 / 255) };
    default:
      throw new RangeError(
        `preprocessing must be one of ${preprocessingNames.join(', ')}; got ${JSON.stringify(name)}`,
      );
  }
}
