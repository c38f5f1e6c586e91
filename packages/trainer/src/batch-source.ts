/** Images and labels of one batch. */
export interface Batch {
  /** `[n, height, width, channels]`, row-major. */
  readonly images: Float32Array;
  /** `[n]`, each `0 … numClasses − 1`. */
  readonly labels: Int32Array;
}

/** Which batch is wanted. The same four numbers must always give the same batch: that is what makes runs resumable. */
export interface BatchRequest {
  /** Passes over the data already finished, from 0. */
  readonly epoch: number;
  /** Position of the batch in its epoch, from 0. */
  readonly index: number;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Labelled images with random access to their batches. `createBatchSource` of `@superconvergence/cifar` makes one;
 * any object of this shape will do.
 */
export interface BatchSource {
  readonly numExamples: number;
  /** Height, width, channels. */
  readonly imageShape: readonly [number, number, number];
  readonly numClasses: number;
  /** The last batch of an epoch may be shorter than `batchSize`. */
  batch(request: BatchRequest): Batch;
}
