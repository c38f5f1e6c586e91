import type { AugmentationDraws } from './augmentation.ts';
import type { ImageDataset } from './dataset.ts';

/** What to subtract and what to divide by, in units of 0 … 1. */
export interface Standardisation {
  /** One a channel; not used with `meanImage`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** `[height, width, channels]` */
  readonly meanImage?: Float32Array | undefined;
}

/** Picks, crops, mirrors, standardises and cuts out: `[indices.length, height, width, channels] float32`. */
export function writeStandardised(options: {
  dataset: ImageDataset;
  indices: Uint32Array;
  draws: AugmentationDraws;
  cutout: number;
  standardisation: Standardisation;
}): Float32Array {
  const { dataset, indices, draws, cutout, standardisation } = options;
  const [height, width, numChannels] = dataset.imageShape;
  const size = height * width * numChannels;
  const tables = tablesOf(standardisation, size);
  const out = new Float32Array(indices.length * size);
  for (const [i, index] of indices.entries()) {
    const rows = draws.shifts[2 * i] ?? 0;
    const columns = draws.shifts[2 * i + 1] ?? 0;
    const target = out.subarray(i * size, (i + 1) * size);
    const source = dataset.images.subarray(index * size, (index + 1) * size);
    if (rows !== 0 || columns !== 0) fillRepeating(target, tables.border);
    writePicture({
      target,
      source,
      shape: dataset.imageShape,
      rows,
      columns,
      isMirrored: draws.mirrors[i] === 1,
      tables,
    });
    if (cutout > 0) {
      cutSquare(
        target,
        dataset.imageShape,
        [draws.cutouts[2 * i] ?? 0, draws.cutouts[2 * i + 1] ?? 0],
        cutout,
      );
    }
  }
  return out;
}

interface Tables {
  /** `[channels, 256]`: the standardised value of every byte. */
  readonly values: Float32Array;
  /** `[height, width, channels]`, subtracted from it: 0 unless there is a mean image. */
  readonly centre: Float32Array;
  /** `[channels]`: the value outside the picture. */
  readonly border: Float32Array;
}

function tablesOf({ mean, std, meanImage }: Standardisation, size: number): Tables {
  const numChannels = std.length;
  const values = Float32Array.from({ length: numChannels * 256 }, (_, i) => {
    const channel = i >> 8;
    const subtracted = meanImage ? 0 : (mean[channel] ?? 0);
    return ((i & 255) / 255 - subtracted) / (std[channel] ?? 1);
  });
  const centre = Float32Array.from(
    { length: size },
    (_, i) => (meanImage?.[i] ?? 0) / (std[i % numChannels] ?? 1),
  );
  const border = Float32Array.from({ length: numChannels }, (_, c) =>
    meanImage ? 0 : (values[c * 256] ?? 0),
  );
  return { values, centre, border };
}

/** Writes the part of the picture that the window shows; what lies outside keeps its border. */
function writePicture(options: {
  target: Float32Array;
  source: Uint8Array;
  shape: readonly [number, number, number];
  rows: number;
  columns: number;
  isMirrored: boolean;
  tables: Tables;
}): void {
  const { target, source, shape, rows, columns, isMirrored, tables } = options;
  const { values, centre } = tables;
  const [height, width, numChannels] = shape;
  const firstX = Math.max(0, -columns);
  const lastX = Math.min(width, width - columns) - 1;
  const step = isMirrored ? -numChannels : numChannels;
  for (let y = Math.max(0, -rows); y < Math.min(height, height - rows); y++) {
    let from = ((y + rows) * width + firstX + columns) * numChannels;
    let to = (y * width + (isMirrored ? width - 1 - firstX : firstX)) * numChannels;
    for (let x = firstX; x <= lastX; x++) {
      // Written out for the usual three channels: a loop over them is about a third slower.
      target[to] = (values[source[from] ?? 0] ?? 0) - (centre[from] ?? 0);
      if (numChannels === 3) {
        target[to + 1] = (values[256 + (source[from + 1] ?? 0)] ?? 0) - (centre[from + 1] ?? 0);
        target[to + 2] = (values[512 + (source[from + 2] ?? 0)] ?? 0) - (centre[from + 2] ?? 0);
      } else {
        for (let c = 1; c < numChannels; c++) {
          target[to + c] = (values[c * 256 + (source[from + c] ?? 0)] ?? 0) - (centre[from + c] ?? 0);
        }
      }
      from += numChannels;
      to += step;
    }
  }
}

function fillRepeating(target: Float32Array, pattern: Float32Array): void {
  target.set(pattern);
  for (let filled = pattern.length; filled < target.length; filled *= 2) {
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
  }
}

function cutSquare(
  target: Float32Array,
  [height, width, numChannels]: readonly [number, number, number],
  [top, left]: readonly [number, number],
  side: number,
): void {
  const start = Math.max(0, left);
  const end = Math.min(width, left + side);
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    target.fill(0, (y * width + start) * numChannels, (y * width + end) * numChannels);
  }
}
