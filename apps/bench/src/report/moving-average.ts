import type { Point } from './line-chart.ts';

/**
 * The mean of each point and its neighbours, `window` points in all and fewer towards the ends, at its own place.
 * What is not finite stays as it is, a gap, and counts in no mean.
 *
 * @param window an odd integer.
 */
export function movingAverage(points: readonly Point[], window: number): Point[] {
  const reach = (window - 1) / 2;
  return points.map(([x, y], index) => {
    if (!Number.isFinite(y)) return [x, y];
    const side = Math.min(reach, index, points.length - 1 - index); // the same on both, or a slope would bend it
    const near = points
      .slice(index - side, index + side + 1)
      .flatMap(([, value]) => (Number.isFinite(value) ? value : []));
    return [x, near.reduce((sum, value) => sum + value, 0) / near.length];
  });
}
