import fc from 'fast-check';
import { expect, it } from 'vitest';
import { terminalChart } from './terminal-chart.ts';

/** The curve's characters, line by line, without labels and axes. */
function curve(chart: string): string[] {
  const lines = chart.split('\n');
  return lines.slice(1, -2).map((line) => line.split(/[┤│]/)[1] ?? '');
}

const options = { title: 'rate', width: 21, height: 3 }; // 10 columns: 9 for labels, 2 for the axis

it('draws a straight line from corner to corner', () => {
  // 6 columns have 12 × 12 dots, one for each value.
  const values = Array.from({ length: 12 }, (_, i) => i);
  const lines = curve(terminalChart({ ...options, width: 17, values }));
  expect(lines).toEqual(['    ⡠⠊', '  ⡠⠊', '⡠⠊']);
});

it('labels the highest, the middle and the lowest value, and the first and the last update', () => {
  const lines = terminalChart({ ...options, width: 40, values: [0.25, 1.25, 0.25] }).split('\n');
  expect(lines[0]).toBe('rate');
  expect(lines.slice(1, 4).map((line) => line.slice(0, 11))).toEqual(['     1.25 ┤', '     0.75 ┤', '     0.25 ┤']); // prettier-ignore
  expect(lines.slice(4)).toEqual([
    `          └${'─'.repeat(29)}`,
    '           0        updates done       2',
  ]);
});

it('keeps a single peak among many values, and joins what is far apart', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => (i === 5_000 ? 1 : 0));
  const lines = curve(terminalChart({ ...options, values }));
  expect(lines.map((line) => line.padEnd(10)[5])).toEqual(['⡇', '⡇', '⣇']);
});

it('draws a constant in the middle, at its label', () => {
  const lines = terminalChart({ ...options, values: [0.1, 0.1, 0.1] }).split('\n');
  expect(lines.slice(1, 4)).toEqual(['          │', `      0.1 ┤${'⠒'.repeat(10)}`, '          │']);
});

it('draws powers as a straight line on a logarithmic axis', () => {
  const linear = terminalChart({ ...options, values: [0, 1, 2, 3, 4] });
  const powers = terminalChart({ ...options, values: [0.01, 0.1, 1, 10, 100], logarithmic: true });
  expect(curve(powers)).toEqual(curve(linear));
  expect(powers).toMatch(/ 100 ┤[^]* 1 ┤[^]* 0.01 ┤/);
});

it('fills every column, and no line is wider than it may be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 30, max: 120 }),
      fc.integer({ min: 1, max: 20 }),
      (values, width, height) => {
        const chart = terminalChart({ title: 'rate', values, width, height });
        for (const line of chart.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        const lines = curve(chart);
        expect(lines).toHaveLength(height);
        const columns = Math.max(...lines.map((line) => line.length));
        for (let x = 0; x < columns; x++) expect(lines.some((line) => (line[x] ?? ' ') !== ' ')).toBe(true);
      },
    ),
  );
});
