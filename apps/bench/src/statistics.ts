/** Mean with a two-sided 95 % confidence interval (Student's t). */
export interface Interval {
  readonly mean: number;
  /** Half the interval's width; `NaN` for fewer than two values. */
  readonly halfWidth: number;
  readonly n: number;
}

/** Two-sided 95 % quantiles of Student's t for 1 … 30 degrees of freedom; beyond, the normal's 1.96 is near enough. */
const tQuantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation, with n − 1. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

export function confidenceInterval(values: readonly number[]): Interval {
  const n = values.length;
  const t = tQuantiles[n - 2] ?? 1.96;
  return { mean: mean(values), halfWidth: n < 2 ? NaN : (t * standardDeviation(values)) / Math.sqrt(n), n };
}

export type Verdict = 'yes' | 'no' | 'undecided';

/** Whether the mean lies above `threshold`: yes or no when its whole 95 % interval does or does not, else undecided. */
export function liesAbove({ mean: centre, halfWidth }: Interval, threshold: number): Verdict {
  if (centre - halfWidth > threshold) return 'yes';
  if (centre + halfWidth < threshold) return 'no';
  return 'undecided';
}
