import type * as tf from '@tensorflow/tfjs';
import { pytorchFormats, pytorchName, type PytorchFormat } from './pytorch-names.ts';

/** The formats that have names for all weights of a model. */
export function fittingFormats(model: tf.LayersModel): PytorchFormat[] {
  return pytorchFormats.filter((format) =>
    model.weights.every(({ originalName }) => pytorchName(originalName, format) !== undefined),
  );
}

/** @throws RangeError when the format has no names for some weights of the model */
export function checkFormat(format: PytorchFormat, model: tf.LayersModel): void {
  const formats = fittingFormats(model);
  if (formats.includes(format)) return;
  throw new RangeError(
    `format must be one with names for the weights of ${model.name} (${formats.join(', ') || 'there is none'}), but is ${format}`,
  );
}

/** `[height, width, inputs, outputs]` → `[outputs, inputs, height, width]`, `[inputs, outputs]` → `[outputs, inputs]`. */
export function toPytorchAxes(rank: number): number[] {
  if (rank === 4) return [3, 2, 0, 1];
  return rank === 2 ? [1, 0] : [...Array(rank).keys()];
}

/** The inverse of {@link toPytorchAxes}. */
export function fromPytorchAxes(rank: number): number[] {
  return rank === 4 ? [2, 3, 1, 0] : toPytorchAxes(rank);
}
