import { escapeMarkup } from './escape.ts';

/** Where the curves are drawn, in units of the drawing. */
export type Box = Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>;

/** A `<text>`; `attributes` as in the markup. */
export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escapeMarkup(content)}</text>`;
}

/** A `<line>` of a class of {@link chartStyle}. */
export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line class="${style}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/** To a tenth of a unit; far outside the drawing is as good as any other place outside. */
export function round(value: number): number {
  return Math.round(Math.min(Math.max(value, -1e5), 1e5) * 10) / 10;
}
