/** Options of {@link terminalChart}. */
export type TerminalChartOptions = {
  readonly title: string;
  /** One value for each update, at least one. */
  readonly values: readonly number[];
  /** Characters in each line, the labels included. */
  readonly width: number;
  /** Lines of the curve alone. */
  readonly height: number;
  /** A logarithmic axis; every value must be greater than 0. @default false */
  readonly logarithmic?: boolean;
};

/** The dots of a braille character from left to right, top to bottom, as bits (Unicode chapter 21.1). */
const dotBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const brailleBlank = 0x2800;
const dotsAcross = 2;
const dotsDown = 4;
/** Room for most labels, so that charts below one another line up. */
const labelWidth = 9;

/**
 * Draws values against their place in the list, in braille dots with labelled axes. Every value is drawn: where
 * several share a column of dots, the column reaches from the lowest to the highest. The labels of the value axis are
 * the lowest and the highest value themselves, and the middle between them.
 */
export function terminalChart({ title, values, width, height, logarithmic }: TerminalChartOptions): string {
  const [low, high] = extent(values);
  const toAxis = logarithmic ? Math.log : (value: number) => value;
  const [bottom, top] = [toAxis(low), toAxis(high)];
  const middle = logarithmic ? Math.sqrt(low * high) : (low + high) / 2;
  const texts = new Map([[(height - 1) >> 1, label(middle)]]);
  if (low < high) texts.set(0, label(high)).set(height - 1, label(low));
  const margin = Math.max(labelWidth, ...[...texts.values()].map((text) => text.length));
  const columns = Math.max(1, width - margin - 2);
  // From the top. A line without a slope is drawn in the middle.
  const place = (value: number) => (top === bottom ? 0.5 : (top - toAxis(value)) / (top - bottom));
  const lines = draw(values, columns, height, place).map((line, row) => {
    const text = texts.get(row) ?? '';
    return `${text.padStart(margin)} ${text ? '┤' : '│'}${line}`.trimEnd();
  });
  const indent = ' '.repeat(margin + 1);
  const last = String(values.length - 1);
  const start = `0${'updates done'.padStart((columns + 12) >> 1)}`;
  const steps = `${start.padEnd(columns - last.length)}${last}`;
  return [title, ...lines, `${indent}└${'─'.repeat(columns)}`, `${indent} ${steps}`].join('\n');
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Four significant digits, without the noise of binary fractions. */
function label(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** The lines of the curve; `place` gives 0 for the top of the drawing and 1 for its bottom. */
function draw(
  values: readonly number[],
  columns: number,
  lines: number,
  place: (value: number) => number,
): string[] {
  const cells = Array.from({ length: lines }, () => new Uint8Array(columns));
  const across = columns * dotsAcross;
  const row = (value: number) => Math.ceil(place(value) * (lines * dotsDown - 1) - 0.5);
  let previous: number | undefined;
  for (let x = 0; x < across; x++) {
    const from = Math.floor((x * values.length) / across);
    const to = Math.max(from + 1, Math.floor(((x + 1) * values.length) / across));
    const [low, high] = extent(values.slice(from, to));
    let [first, last] = [row(high), row(low)];
    // Joined to the column before, so that a steep line has no holes.
    if (previous !== undefined) [first, last] = [Math.min(first, previous + 1), Math.max(last, previous - 1)];
    for (let y = first; y <= last; y++) {
      const cell = cells[Math.floor(y / dotsDown)];
      const column = Math.floor(x / dotsAcross);
      if (cell) cell[column] = (cell[column] ?? 0) | (dotBits[(x % dotsAcross) as 0 | 1][y % dotsDown] ?? 0);
    }
    previous = row(values[to - 1] ?? low);
  }
  return cells.map((line) =>
    Array.from(line, (bits) => (bits ? String.fromCharCode(brailleBlank + bits) : ' ')).join(''),
  );
}
