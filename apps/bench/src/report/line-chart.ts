import { createAxis, isDrawable, type ScaleKind } from './axis.ts';
import { drawAxes, lineHeight, xLabelsOverhang, yLabelsWidth } from './chart-axes.ts';
import { drawLegendRow, legendRows } from './chart-legend.ts';
import { drawMarkers, type Marker } from './chart-markers.ts';
import { chartStyle, letters } from './chart-style.ts';
import { escapeMarkup } from './escape.ts';
import { light } from './palette.ts';
import { drawSeries } from './series-paths.ts';
import { round, text, type Box } from './svg.ts';
import { wrapText } from './text-width.ts';

/** A point in the units of the data; one with a NaN, or with a value that a log axis can't show, is a gap. */
export type Point = [number, number];

/** One line of a chart, and its legend entry. */
export type Series = {
  readonly name: string;
  readonly points: readonly Point[];
  /** The spread around the line: as many points in `low` as in `high`, at the same places. */
  readonly band?: { readonly low: readonly Point[]; readonly high: readonly Point[] };
  /** For what it is compared with, such as the authors' own curve. */
  readonly dashed?: boolean;
  /** Which colour of the palette, from 0; by default the place in the list. */
  readonly colorIndex?: number;
};

/** Options of {@link lineChart}. */
export type LineChartOptions = {
  readonly title: string;
  /** With the unit: `learning rate`, `time (s)`. */
  readonly xLabel: string;
  readonly yLabel: string;
  /** @default 'linear' */
  readonly xScale?: ScaleKind;
  /** @default 'linear' */
  readonly yScale?: ScaleKind;
  readonly series: readonly Series[];
  readonly markers?: readonly Marker[];
  /** Limits of the y axis, for curves that explode; what lies beyond is cut off. By default all is shown. */
  readonly yLimits?: readonly [number, number];
  /** Units of the drawing, to be shown at about a pixel each. @default 440 */
  readonly width?: number;
  /** Grows where title and legend need more. @default 330 */
  readonly height?: number;
};

const margin = 2;
/** Around the curves, so that a dot at the edge is whole. */
const lineMargin = 3;
const titleLineHeight = 20;
/** Room for at least this much of the curves, whatever else the drawing holds. */
const minimumPlotHeight = 120;
/** Units of the drawing for each label of the x axis. */
const xTickSpacing = 75;

/**
 * Draws lines as a self-contained `<svg>`: no script, no reference to anything outside, readable on light and on dark
 * paper, scaling with its box. Lines of many points are thinned to what can be seen, so that a chart stays below
 * 100 kB.
 *
 * @throws RangeError when the two sides of a band differ in length.
 */
export function lineChart(options: LineChartOptions): string {
  const { title, xLabel, yLabel, xScale = 'linear', yScale = 'linear', markers = [], width = 440 } = options;
  const series = options.series.map((one, index) => ({ ...one, color: colorOf(one.colorIndex ?? index) }));
  const titleLines = wrapText(title, width - 2 * margin, letters.title);
  const legend = legendRows(
    series.filter(({ name }) => name !== '').map(legendEntry),
    margin,
    width - 2 * margin,
  );

  const legendTop = 12 + titleLines.length * titleLineHeight;
  const top = legendTop + (legend.length + 1) * lineHeight + 12;
  const height = Math.max(options.height ?? 330, top + minimumPlotHeight + 2 * lineHeight + 14);
  const bottom = height - 2 * lineHeight - 14;
  const yOptions = { tickCount: 5, slack: options.yLimits ? 0 : 1 };
  const ys = createAxis(options.yLimits ?? values(options, 'y'), yScale, [bottom, top], yOptions);
  const left = margin + yLabelsWidth(ys);
  const xAxis = (right: number) =>
    createAxis(values(options, 'x'), xScale, [left, right], { tickCount: width / xTickSpacing, slack: 0.02 });
  const edge = width - 2 * lineMargin;
  const right = edge - xLabelsOverhang(xAxis(edge), edge);
  const xs = xAxis(right);

  const box: Box = { left, right, top, bottom };
  const middle = 'class="quiet" text-anchor="middle"';
  const hasData = series.some(({ points }) =>
    points.some(([x, y]) => isDrawable(x, xScale) && isDrawable(y, yScale)),
  );
  const curves = drawSeries(series, ([x, y]) => [xs.place(x), ys.place(y)], right - left);
  const frame = [
    left - lineMargin,
    top - lineMargin,
    right - left + 2 * lineMargin,
    bottom - top + 2 * lineMargin,
  ].map(round);
  const [x, y, w, h] = frame;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title><desc>${escapeMarkup(describe(options))}</desc>`,
    `<style>${chartStyle}</style>`,
    ...titleLines.map((line, index) => text(margin, 22 + index * titleLineHeight, line, 'class="title"')),
    ...legend.map((row, index) => drawLegendRow(row, legendTop + index * lineHeight + 12)),
    text(margin, top - 12, yLabel, 'class="quiet"'),
    text((left + right) / 2, height - 9, xLabel, middle),
    hasData ? drawAxes(xs, ys, box) : text((left + right) / 2, (top + bottom) / 2, 'no data', middle),
    // A drawing within the drawing cuts off what lies outside it, and needs no id to do so.
    `<svg x="${x}" y="${y}" width="${w}" height="${h}" viewBox="${frame.join(' ')}">${curves.join('')}</svg>`,
    ...(hasData ? drawMarkers(markers, xs, ys, box) : []),
    '</svg>',
  ].join('');
}

function colorOf(index: number): number {
  return ((index % light.series.length) + light.series.length) % light.series.length;
}

function legendEntry({ name, points, color, dashed = false, band }: Series & { color: number }) {
  const label = points.length > 0 ? name : `${name} (no data)`;
  return { label, color, dashed, banded: band !== undefined };
}

/** Every value that an axis must have room for. */
function* values({ series, markers = [] }: LineChartOptions, axis: 'x' | 'y'): Iterable<number> {
  for (const { points, band } of series) {
    for (const list of [points, band?.low ?? [], band?.high ?? []]) {
      for (const [x, y] of list) yield axis === 'x' ? x : y;
    }
  }
  for (const marker of markers) if (marker.axis === axis) yield marker.value;
}

/** What a listener needs who can't see the lines. */
function describe({ xLabel, yLabel, series }: LineChartOptions): string {
  const say = (value: number) => String(Number(value.toPrecision(4)));
  const lines = series.map(({ name, points }) => {
    const shown = points.filter((point) => point.every(Number.isFinite));
    const [first, last] = [shown[0], shown.at(-1)];
    if (!first || !last) return `${name}: no data.`;
    return `${name}: ${say(first[1])} at ${say(first[0])}, ${say(last[1])} at ${say(last[0])}.`;
  });
  return [`${yLabel} against ${xLabel}.`, ...lines].join(' ');
}
