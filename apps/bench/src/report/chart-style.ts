import { asCustomProperties, dark, light } from './palette.ts';

/** Sizes of the letters, in units of the drawing: about a pixel each at a width of 440. */
export const letters = { title: 15.5, label: 13, tick: 13 };

/**
 * Goes into every chart, so that it is right on its own too. Text has the colour of the page (`currentColor`),
 * everything else a custom property that follows the reader's scheme; on paper it is always light.
 */
export const chartStyle: string = [
  `.chart{${asCustomProperties(light)};color:var(--ink)}`,
  `@media screen and (prefers-color-scheme:dark){.chart{${asCustomProperties(dark)}}}`,
  `.chart text{fill:currentColor;font:${letters.tick}px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}`,
  `.chart .title{font-size:${letters.title}px;font-weight:600}`,
  `.chart .quiet{fill:var(--muted)}`,
  `.chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}`,
  `.chart .grid{stroke:var(--rule);stroke-width:1}`,
  `.chart .axis{stroke:var(--muted);stroke-width:1}`,
  `.chart .marker{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 3}`,
  `.chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}`,
  `.chart .dashed{stroke-dasharray:5 4.5;stroke-width:1.6}`,
  `.chart .dense{stroke-width:1.1;stroke-opacity:.85}`,
  `.chart .band{stroke:none;fill-opacity:.16}`,
  ...light.series.map(
    (_, index) =>
      `.chart .s${index}{stroke:var(--series-${index})}.chart .f${index}{fill:var(--series-${index})}`,
  ),
].join('');
