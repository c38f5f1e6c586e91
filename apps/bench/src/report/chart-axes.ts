import type { Axis, Tick } from './axis.ts';
import { letters } from './chart-style.ts';
import { escapeMarkup } from './escape.ts';
import { line, round, type Box } from './svg.ts';
import { textWidth } from './text-width.ts';

/** Height of the labels below the x axis, and of any other line of text. */
export const lineHeight = 18;
const gap = 6;

/** Horizontal grid lines, the x axis with its ticks, and the labels of both. */
export function drawAxes(xs: Axis, ys: Axis, { left, right, bottom }: Box): string {
  const rows = ys.ticks.map((tick) => {
    const y = ys.place(tick.value);
    return line(left, y, right, y, 'grid') + tickText(left - gap, y + 4.5, tick, 'end');
  });
  const columns = xs.ticks.map((tick) => {
    const x = xs.place(tick.value);
    return line(x, bottom, x, bottom + 4, 'axis') + tickText(x, bottom + lineHeight, tick, 'middle');
  });
  return [...rows, line(left, bottom, right, bottom, 'axis'), ...columns].join('');
}

/** Room that the labels of the y axis need. */
export function yLabelsWidth({ ticks }: Axis): number {
  return Math.max(16, ...ticks.map(tickWidth)) + gap;
}

/** How far the last label of the x axis reaches beyond `edge`. */
export function xLabelsOverhang({ ticks, place }: Axis, edge: number): number {
  return Math.max(0, ...ticks.map((tick) => place(tick.value) + tickWidth(tick) / 2 - edge));
}

const exponentSize = 9.5;

function tickWidth({ text, exponent = '' }: Tick): number {
  return textWidth(text, letters.tick) + textWidth(exponent, exponentSize);
}

function tickText(x: number, y: number, { text, exponent }: Tick, anchor: 'end' | 'middle'): string {
  const raised =
    exponent === undefined
      ? ''
      : `<tspan dy="-5" style="font-size:${exponentSize}px">${escapeMarkup(exponent)}</tspan>`;
  const at = `x="${round(x)}" y="${round(y)}"`;
  return `<text ${at} class="quiet" text-anchor="${anchor}">${escapeMarkup(text)}${raised}</text>`;
}
