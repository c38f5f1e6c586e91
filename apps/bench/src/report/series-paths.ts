import type { Point, Series } from './line-chart.ts';
import { round } from './svg.ts';
import { thin, type Position } from './thin.ts';

/** Points of all lines together; at about 11 bytes each a chart stays below 100 kB. */
const pointBudget = 7_000;
/** A column keeps at most this many points; see {@link thin}. */
const pointsPerColumn = 4;
/** Up to this many points a line shows where its points are. */
const dottedUpTo = 24;

/** A line that goes up and down by this many widths of the chart in all is noise, and drawn finer. */
const denseFrom = 4;

type PlacedSeries = Series & { readonly color: number };

/** The bands, and above them the lines, as elements of a drawing; `place` gives NaN for what can't be drawn. */
export function drawSeries(
  series: readonly PlacedSeries[],
  place: (point: Point) => Point,
  plotWidth: number,
): string[] {
  const lineCount = series.reduce((sum, { band }) => sum + (band ? 3 : 1), 0);
  const columnWidth = Math.max(1, (plotWidth * pointsPerColumn * lineCount) / pointBudget);
  const bands = series.flatMap(({ name, band, color }) => {
    if (!band) return [];
    if (band.low.length !== band.high.length) {
      const lengths = `${band.low.length} and ${band.high.length}`;
      throw new RangeError(`lineChart: band of ${name} must have as many low as high points, got ${lengths}`);
    }
    const pairs = band.low.map((low, index) => [place(low), place(band.high[index] ?? low)] as const);
    return segments(pairs, ([low, high]) => isPlaced(low) && isPlaced(high)).map((segment) => {
      const lower = thin(segment.map(([low]) => low), columnWidth); // prettier-ignore
      const upper = thin(segment.map(([, high]) => high), columnWidth); // prettier-ignore
      return `<path class="band f${color}" d="${path([...upper, ...lower.reverse()])}Z"/>`;
    });
  });
  const lines = series.flatMap(({ points, dashed = false, color }) => {
    const parts = segments(points.map(place), isPlaced);
    const count = parts.reduce((sum, part) => sum + part.length, 0);
    const dots = parts.filter((part) => part.length === 1 || (count <= dottedUpTo && !dashed)).flat();
    const thinned = parts.map((part) => thin(part, columnWidth));
    const dense = thinned.reduce((sum, part) => sum + rise(part, plotWidth / 4), 0) > denseFrom * plotWidth;
    const style = `line s${color}${dashed ? ' dashed' : ''}${dense ? ' dense' : ''}`;
    const d = thinned.map(path).join('');
    return [
      ...(d === '' ? [] : [`<path class="${style}" d="${d}"/>`]),
      ...dots.map(([x, y]) => `<circle class="f${color}" cx="${round(x)}" cy="${round(y)}" r="2.4"/>`),
    ];
  });
  return [...bands, ...lines];
}

function isPlaced([x, y]: Position): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** The unbroken runs of items that can be drawn. */
function segments<T>(items: readonly T[], isDrawn: (item: T) => boolean): T[][] {
  const all: T[][] = [[]];
  for (const item of items) {
    if (isDrawn(item)) all.at(-1)?.push(item);
    else if (all.at(-1)?.length !== 0) all.push([]);
  }
  return all.filter((segment) => segment.length > 0);
}

/** All ups and downs together, none counted for more than `most`. */
function rise(points: readonly Position[], most: number): number {
  return points.reduce(
    (sum, [, y], index) => sum + Math.min(most, Math.abs(y - (points[index - 1]?.[1] ?? y))),
    0,
  );
}

function path(points: readonly Position[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : index === 1 ? 'L' : ' '}${round(x)} ${round(y)}`)
    .join('');
}
