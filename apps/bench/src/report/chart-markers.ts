import type { Axis } from './axis.ts';
import { letters } from './chart-style.ts';
import { line, text, type Box } from './svg.ts';
import { textWidth } from './text-width.ts';

/** A labelled straight line across the chart. */
export type Marker = { readonly axis: 'x' | 'y'; readonly value: number; readonly label: string };

const labelGap = 5;
const rowHeight = 16;

/** The markers that have a place on their axis. */
export function drawMarkers(markers: readonly Marker[], xs: Axis, ys: Axis, box: Box): string[] {
  const placed = markers
    .map(({ axis, value, label }) => ({ axis, label, at: axis === 'x' ? xs.place(value) : ys.place(value) }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at);
  return [
    ...uprightMarkers(placed.filter(({ axis }) => axis === 'x'), box), // prettier-ignore
    ...placed.filter(({ axis }) => axis === 'y').map((marker) => levelMarker(marker, box)),
  ];
}

type PlacedMarker = { readonly at: number; readonly label: string };

/**
 * A label stands beside its line in the first row where it meets no other label: on the right, or on the left where
 * only there is room or no other line is in its way.
 */
function uprightMarkers(markers: readonly PlacedMarker[], { left, right, top, bottom }: Box): string[] {
  const rows: number[] = []; // up to where each row is taken
  const labels = markers.map(({ at, label }) => {
    const width = textWidth(label, letters.label);
    const crossed = (from: number, to: number) => markers.some((other) => other.at > from && other.at < to);
    const fitsRight = at + labelGap + width <= right;
    const fitsLeft = at - labelGap - width >= left;
    const before =
      fitsLeft && (!fitsRight || (crossed(at, at + labelGap + width) && !crossed(at - labelGap - width, at)));
    const start = before ? at - labelGap - width : at + labelGap;
    const free = rows.findIndex((taken) => taken <= start);
    const row = free === -1 ? rows.length : free;
    rows[row] = start + width + labelGap;
    const attributes = `class="halo" text-anchor="${before ? 'end' : 'start'}"`;
    return text(before ? at - labelGap : at + labelGap, top + 12 + row * rowHeight, label, attributes);
  });
  return [...markers.map(({ at }) => line(at, top, at, bottom, 'marker')), ...labels];
}

function levelMarker({ at, label }: PlacedMarker, { left, right, top }: Box): string {
  const y = at - top < rowHeight ? at + 15 : at - labelGap;
  return line(left, at, right, at, 'marker') + text(right - 4, y, label, 'class="halo" text-anchor="end"');
}
