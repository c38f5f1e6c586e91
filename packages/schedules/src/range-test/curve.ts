/** What a range test saw at one rate. */
export type RangeTestCurvePoint = {
  readonly learningRate: number;
  readonly trainingLoss?: number;
  readonly validationLoss?: number;
  /** From 0 to 1. */
  readonly validationAccuracy?: number;
};

/** One range test, in its order. */
export type RangeTestCurve = readonly RangeTestCurvePoint[];

/** A loss and the rate it was seen at. */
export type RateAndLoss = { readonly learningRate: number; readonly loss: number };

/** Fewer points than this show no shape. */
export const minimumPoints = 10;
/** A loss that falls by less than this share of its first value has not begun to learn. */
export const minimumFall = 0.05;

/** Where a list is lowest, the first of equals; 0 for an empty one. */
export function indexOfLowest(values: readonly number[]): number {
  return values.reduce((lowest, value, i) => (value < (values[lowest] ?? NaN) ? i : lowest), 0);
}

/**
 * Means over the neighbours, a fiftieth of the points and at least two to each side, weighted 1 2 3 2 1 (or as a wider
 * triangle). Symmetric, so that an extreme stays in place.
 */
export function neighbourMeans(values: readonly number[]): number[] {
  const width = Math.max(2, Math.floor(values.length / 50));
  return values.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (let offset = -width; offset <= width; offset++) {
      const value = values[i + offset];
      if (value === undefined) continue;
      const weight = width + 1 - Math.abs(offset);
      sum += weight * value;
      weights += weight;
    }
    return sum / weights;
  });
}
