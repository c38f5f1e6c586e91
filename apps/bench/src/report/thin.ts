/** A point in the coordinates of a drawing. */
export type Position = readonly [x: number, y: number];

/**
 * Leaves out points that can't be seen: of the points that follow one another in one column of the drawing it keeps
 * the first, the lowest, the highest and the last, in their order. Every excursion survives at its true place, which
 * neither a mean nor every n-th point can promise.
 *
 * @param columnWidth in units of the drawing.
 * @see Jugel et al., M4: A Visualization-Oriented Time Series Data Aggregation, PVLDB 7 (2014).
 */
export function thin(points: readonly Position[], columnWidth: number): Position[] {
  const kept: Position[] = [];
  let column: Position[] = [];
  for (const point of points) {
    const [first] = column;
    if (first && columnOf(first, columnWidth) !== columnOf(point, columnWidth)) {
      kept.push(...extremes(column));
      column = [];
    }
    column.push(point);
  }
  return [...kept, ...extremes(column)];
}

function columnOf([x]: Position, columnWidth: number): number {
  return Math.floor(x / columnWidth);
}

function extremes(column: readonly Position[]): Position[] {
  if (column.length <= 4) return [...column];
  let [low, high] = [0, 0];
  column.forEach(([, y], index) => {
    if (y < (column[low]?.[1] ?? y)) low = index;
    if (y > (column[high]?.[1] ?? y)) high = index;
  });
  const kept = new Set([0, low, high, column.length - 1]);
  return column.filter((_, index) => kept.has(index));
}
