/** Labelled pictures of one size, all in memory. */
export interface ImageDataset {
  /** `[numExamples, height, width, channels]` row-major, each `0 … 255`. */
  readonly images: Uint8Array;
  /** `[numExamples]`, each `0 … numClasses − 1`. */
  readonly labels: Uint8Array;
  readonly numExamples: number;
  /** Height, width, channels: `[32, 32, 3]` for CIFAR. */
  readonly imageShape: readonly [number, number, number];
  readonly numClasses: number;
  /** `classNames[label]` names a label. */
  readonly classNames: readonly string[];
}

/**
 * CIFAR-10: 50,000 pictures to train on and 10,000 to test on, in the official order.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009
 */
export interface Cifar10 {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}
