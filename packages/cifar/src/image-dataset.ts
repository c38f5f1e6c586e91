import type { ImageDataset } from './dataset.ts';

/** What a label of 16 bits can tell apart. */
const mostClasses = 2 ** 16;

/** Options of {@link imageDataset}. */
export interface ImageDatasetOptions {
  /** `[numExamples, height, width, channels]` row-major, each `0 … 255`; used as it is, not copied. */
  images: Uint8Array | Uint8ClampedArray;
  /** `[numExamples]`, integers `0 … numClasses − 1`. */
  labels: ArrayLike<number>;
  /** Height, width, channels. */
  imageShape: readonly [number, number, number];
  /** Names the labels, and says how many classes there are. Default: `'0'`, `'1'`, … up to the largest label. */
  classNames?: readonly string[];
  /** Default `'images'`. */
  name?: string;
}

/**
 * A data set of the caller's own arrays, checked: what `createBatchSource` and the rest of this package take.
 *
 * @throws {RangeError} for arrays that do not fit together, or a label that is no class
 * @throws {TypeError} for images that are not bytes
 * @example
 * const dataset = imageDataset({ images: new Uint8Array(2 * 4 * 4), labels: [0, 1], imageShape: [4, 4, 1] });
 * dataset.numExamples; // 2
 * dataset.classNames; // ['0', '1']
 */
export function imageDataset(options: ImageDatasetOptions): ImageDataset {
  const { images, labels, imageShape, name = 'images' } = options;
  requireShape(imageShape);
  const numExamples = labels.length;
  const size = imageShape.reduce((product, length) => product * length, 1);
  if (!(images instanceof Uint8Array || images instanceof Uint8ClampedArray)) {
    throw new TypeError('images must be a Uint8Array or a Uint8ClampedArray of values from 0 to 255');
  }
  if (numExamples === 0) throw new RangeError('labels must hold at least one label; it is empty');
  if (images.length !== numExamples * size) {
    throw new RangeError(
      `images must hold ${numExamples} pictures of ${imageShape.join(' × ')}, ${numExamples * size} values; ` +
        `got ${images.length}`,
    );
  }
  const classNames = options.classNames ?? namesUpTo(labels);
  const numClasses = classNames.length;
  if (numClasses < 1 || numClasses > mostClasses) {
    throw new RangeError(`classNames must hold 1 to ${mostClasses} names; got ${numClasses}`);
  }
  for (let i = 0; i < numExamples; i++) requireLabel(labels[i] ?? NaN, i, numClasses);
  return {
    name,
    images:
      images instanceof Uint8Array ? images : new Uint8Array(images.buffer, images.byteOffset, images.length),
    labels: numClasses > 256 ? Uint16Array.from(labels) : Uint8Array.from(labels),
    numExamples,
    imageShape,
    numClasses,
    classNames,
  };
}

function requireShape(imageShape: readonly number[]): void {
  if (imageShape.length !== 3 || !imageShape.every((length) => Number.isInteger(length) && length >= 1)) {
    throw new RangeError(
      `imageShape must be height, width and channels, each an integer of at least 1; got [${imageShape.join(', ')}]`,
    );
  }
}

function requireLabel(label: number, index: number, numClasses: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= numClasses) {
    throw new RangeError(
      `labels must be integers from 0 to ${numClasses - 1}; got ${label} for example ${index}`,
    );
  }
}

function namesUpTo(labels: ArrayLike<number>): string[] {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) {
    requireLabel(labels[i] ?? NaN, i, mostClasses);
    largest = Math.max(largest, labels[i] ?? 0);
  }
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
}
