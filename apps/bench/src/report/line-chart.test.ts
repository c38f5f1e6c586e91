import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { lineChart, type LineChartOptions, type Point } from './line-chart.ts';

type Element = { name: string; attributes: Record<string, string>; text: string };

/** Every element with its own text; throws where it is not well-formed XML. */
function parse(svg: string): Element[] {
  const parser = new SaxesParser();
  const elements: Element[] = [];
  const open: Element[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    for (const element of open) element.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(svg).close();
  return elements;
}

const base: LineChartOptions = { title: 'Loss', xLabel: 'iteration', yLabel: 'loss (nats)', series: [] };
const ramp = (length: number, y = (i: number) => i): Point[] => Array.from({ length }, (_, i) => [i, y(i)]);
const lines = (elements: Element[]) =>
  elements.filter(({ name, attributes }) => name === 'path' && attributes.class?.startsWith('line'));
const texts = (elements: Element[]) => elements.filter(({ name }) => name === 'text').map(({ text }) => text);

describe('lineChart', () => {
  it('is one scaling, labelled drawing without scripts or references', () => {
    const svg = lineChart({ ...base, series: [{ name: 'ours', points: ramp(50) }] });
    const elements = parse(svg);
    expect(elements[0]).toMatchObject({ name: 'svg', attributes: { role: 'img', viewBox: '0 0 440 330' } });
    expect(elements[0]?.attributes).not.toHaveProperty('width');
    expect(elements.slice(1, 3)).toMatchObject([
      { name: 'title', text: 'Loss' },
      { name: 'desc', text: 'loss (nats) against iteration. ours: 0 at 0, 49 at 49.' },
    ]);
    expect(texts(elements)).toEqual(
      expect.arrayContaining(['Loss', 'ours', 'iteration', 'loss (nats)', '50']),
    );
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|href|<script|\bid=/,
    );
  });

  it('puts points where they belong', () => {
    const elements = parse(lineChart({ ...base, series: [{ name: '', points: [[0, 0], [5, 10], [10, 0]] }] })); // prettier-ignore
    const [, left, bottom, middle, top, right, end] =
      /^M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)$/.exec(
        lines(elements)[0]?.attributes.d ?? '',
      ) ?? [];
    expect(Number(middle)).toBeCloseTo((Number(left) + Number(right)) / 2, 0);
    expect(bottom).toBe(end);
    expect(Number(top)).toBeLessThan(Number(bottom));
    const label = elements.find(({ name, text }) => name === 'text' && text === '10');
    expect(Number(label?.attributes.y) - Number(top)).toBeCloseTo(4.5, 0);
  });

  it('escapes what is not its own', () => {
    const hostile = `</text><script>alert("1")</script>&amp;'\u0000\ud800`;
    const svg = lineChart({
      title: hostile,
      xLabel: hostile,
      yLabel: hostile,
      series: [{ name: hostile, points: ramp(3) }],
      markers: [{ axis: 'x', value: 1, label: hostile }],
    });
    const elements = parse(svg);
    const shown = hostile.replace('\u0000', '\uFFFD').replace('\ud800', '\uFFFD');
    expect(elements.some(({ name }) => name === 'script')).toBe(false);
    // the title, the two axes, the legend and the marker
    expect(texts(elements).filter((text) => text === shown).length).toBe(5);
    expect(elements.find(({ name }) => name === 'title')?.text).toBe(shown);
  });

  it('breaks a line at NaN, at infinity and at what a log axis cannot show', () => {
    const ys = [1, 2, NaN, 3, 4, Infinity, 5, 6, 0, 7, 8, -1, 9];
    const points = ys.map((y, i): Point => [i + 1, y]);
    const pieces = (options: Partial<LineChartOptions>) => {
      const elements = parse(lineChart({ ...base, ...options, series: [{ name: 'a', points }] }));
      return lines(elements)[0]?.attributes.d?.split('M').length;
    };
    expect(pieces({})).toBe(1 + 3);
    expect(pieces({ yScale: 'log' })).toBe(1 + 5);
  });

  it('shows a point between gaps as a dot', () => {
    const points = [...ramp(40), [40, NaN], [41, 7], [42, NaN]] as Point[];
    const elements = parse(lineChart({ ...base, series: [{ name: 'a', points }] }));
    expect(elements.filter(({ name }) => name === 'circle').length).toBe(1);
  });

  it.each([
    [[]],
    [[{ name: 'a', points: [] }]],
    [[{ name: 'a', points: [[1, NaN]] as Point[] }]],
    [[{ name: 'a', points: [], band: { low: [], high: [] } }]],
  ])('says that there is no data in %j', (series) => {
    const elements = parse(lineChart({ ...base, series, xScale: 'log', yScale: 'log' }));
    expect(texts(elements)).toContain('no data');
    expect(lines(elements)).toEqual([]);
  });

  it('draws one point, and a line without height', () => {
    expect(lineChart({ ...base, series: [{ name: 'a', points: [[3, 3]] }] })).not.toContain('NaN');
    expect(lineChart({ ...base, series: [{ name: 'a', points: ramp(9, () => 2) }] })).not.toContain('NaN');
  });

  it('shades a band between low and high, and refuses one that has no two sides', () => {
    const band = { low: ramp(9, (i) => i - 1), high: ramp(9, (i) => i + 1) };
    const elements = parse(lineChart({ ...base, series: [{ name: 'a', points: ramp(9), band }] }));
    const shape = elements.find(({ name, attributes }) => name === 'path' && attributes.class === 'band f0');
    expect(shape?.attributes.d?.split(/[ML ]/).length).toBe(1 + 2 * 18);
    expect(shape?.attributes.d).toMatch(/Z$/);
    const lopsided = { ...band, low: ramp(3) };
    expect(() => lineChart({ ...base, series: [{ name: 'a', points: ramp(9), band: lopsided }] })).toThrow(
      new RangeError('lineChart: band of a must have as many low as high points, got 3 and 9'),
    );
  });

  it('marks values on both axes, in the picture even where no curve goes', () => {
    const elements = parse(
      lineChart({
        ...base,
        series: [{ name: 'a', points: ramp(10) }],
        markers: [
          { axis: 'x', value: 20, label: 'max' },
          { axis: 'x', value: 19.9, label: 'max 2' },
          { axis: 'y', value: -5, label: 'chance' },
        ],
      }),
    );
    const marks = elements.filter(({ attributes }) => attributes.class === 'marker');
    expect(marks.length).toBe(3);
    for (const { attributes } of marks) {
      expect(Number(attributes.x2)).toBeLessThanOrEqual(440);
      expect(Number(attributes.y2)).toBeLessThanOrEqual(330);
    }
    const places = elements
      .filter(({ text, name }) => name === 'text' && text.startsWith('max'))
      .map(({ attributes }) => attributes.y);
    expect(new Set(places).size).toBe(2);
  });

  it('repeats its colours after the sixth line, and takes another on request', () => {
    const series = Array.from({ length: 7 }, (_, i) => ({
      name: `run ${i}`,
      points: ramp(30, (x) => x + i),
    }));
    const classes = lines(parse(lineChart({ ...base, series: [...series, { ...series[0], name: 'theirs', points: ramp(30), dashed: true, colorIndex: 4 }] }))).map(({ attributes }) => attributes.class); // prettier-ignore
    expect(classes).toEqual(['line s0', 'line s1', 'line s2', 'line s3', 'line s4', 'line s5', 'line s0', 'line s4 dashed']); // prettier-ignore
  });

  it('stays below 100 kB whatever it is given', () => {
    const noise = (i: number) => Math.sin(i * i) * 1000;
    const series = Array.from({ length: 12 }, (_, k) => ({
      name: `run ${k}`,
      points: ramp(20_000, noise),
      band: { low: ramp(20_000, (i) => noise(i) - 9), high: ramp(20_000, (i) => noise(i) + 9) },
    }));
    expect(lineChart({ ...base, series }).length).toBeLessThan(100_000);
    expect(lineChart({ ...base, series: series.slice(0, 1) }).length).toBeLessThan(100_000);
  });

  it('grows for a long title and many names, rather than squeeze the curves', () => {
    const series = Array.from({ length: 40 }, (_, k) => ({
      name: `a run with a long name, ${k}`,
      points: ramp(3),
    }));
    const svg = lineChart({ ...base, title: 'words '.repeat(60), series });
    expect(Number(/viewBox="0 0 440 (\d+)"/.exec(svg)?.[1])).toBeGreaterThan(600);
  });

  it('cuts off what lies beyond given limits', () => {
    const series = [{ name: 'a', points: ramp(50, (i) => 10 ** i) }];
    const elements = parse(lineChart({ ...base, series, yLimits: [0, 5] }));
    expect(texts(elements)).toContain('5');
    expect(elements.filter(({ name }) => name === 'svg').length).toBe(2);
  });
});
