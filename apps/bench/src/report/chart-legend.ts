import { letters } from './chart-style.ts';
import { line, text } from './svg.ts';
import { textWidth } from './text-width.ts';

/** What the legend says of one series. */
export type LegendEntry = {
  readonly label: string;
  readonly color: number;
  readonly dashed: boolean;
  readonly banded: boolean;
};

type PlacedEntry = LegendEntry & { readonly x: number };

const swatchWidth = 23;
const swatchGap = 6;
const entryGap = 16;

/** Puts entries side by side, in as many rows as they need. */
export function legendRows(entries: readonly LegendEntry[], left: number, width: number): PlacedEntry[][] {
  const rows: PlacedEntry[][] = [];
  let x = Infinity;
  for (const entry of entries) {
    const entryWidth = swatchWidth + swatchGap + textWidth(entry.label, letters.label);
    if (x + entryWidth > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ ...entry, x: left + x });
    x += entryWidth + entryGap;
  }
  return rows;
}

/** A row of line samples with their names, on the base line `y`. */
export function drawLegendRow(row: readonly PlacedEntry[], y: number): string {
  return row
    .map(({ x, label, color, dashed, banded }) => {
      const band = `<rect class="band f${color}" x="${x}" y="${y - 10}" width="${swatchWidth}" height="12"/>`;
      const style = `line s${color}${dashed ? ' dashed' : ''}`;
      const sample = line(x, y - 4, x + swatchWidth, y - 4, style);
      return (banded ? band : '') + sample + text(x + swatchWidth + swatchGap, y, label);
    })
    .join('');
}
