import { scaleLinear, scaleLog } from 'd3-scale';

/** Linear, or logarithmic to base 10: then only numbers greater than 0 can be drawn. */
export type ScaleKind = 'linear' | 'log';

/** A label of an axis: `text`, or `text` with an exponent. */
export type Tick = { readonly value: number; readonly text: string; readonly exponent?: string };

/** One axis of a chart. */
export type Axis = {
  readonly ticks: readonly Tick[];
  /** Place in the drawing; NaN for what the axis can't show. */
  readonly place: (value: number) => number;
};

/** Whether a value has a place on an axis of this kind. */
export function isDrawable(value: number, kind: ScaleKind): boolean {
  return Number.isFinite(value) && (kind === 'linear' || value > 0);
}

/**
 * An axis over the drawable ones of some values.
 *
 * @param range where the lowest and the highest value go, in units of the drawing.
 * @param tickCount about how many ticks.
 * @param nice whether a linear axis is extended to whole ticks.
 */
export function createAxis(
  values: Iterable<number>,
  kind: ScaleKind,
  range: readonly [number, number],
  { tickCount, nice }: { readonly tickCount: number; readonly nice: boolean },
): Axis {
  const [low, high] = extent(values, kind);
  const scale = (kind === 'log' ? scaleLog() : scaleLinear()).domain([low, high]).range(range);
  if (nice && kind === 'linear') scale.nice(tickCount);
  const place = (value: number): number => (isDrawable(value, kind) ? scale(value) : NaN);
  const powers = kind === 'log' ? logTicks(low, high, tickCount) : [];
  if (powers.length >= 2) return { ticks: powers, place };

  const linear = scaleLinear().domain(scale.domain());
  return { ticks: linear.ticks(tickCount).map(linearLabels(linear.domain(), tickCount)), place };
}

/** Lowest and highest drawable value, a little apart even where they are the same or there are none. */
function extent(values: Iterable<number>, kind: ScaleKind): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!isDrawable(value, kind)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return kind === 'log' ? [0.1, 10] : [0, 1];
  if (low < high) return [low, high];
  if (kind === 'log') return [low / 2, high * 2];
  const margin = Math.abs(low) / 10 || 1;
  return [low - margin, high + margin];
}

/** Powers of ten, thinned out over many decades, with 2 and 5 between them over few. */
function logTicks(low: number, high: number, count: number): Tick[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = last - first;
  const mantissas = decades <= count / 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / count));
  return Array.from({ length: decades + 1 }, (_, index) => first + index)
    .filter((exponent) => exponent % stride === 0)
    .flatMap((exponent) => mantissas.map((mantissa) => powerOfTen(mantissa, exponent)))
    .filter(({ value }) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
}

function powerOfTen(mantissa: number, exponent: number): Tick {
  const value = Number(`${mantissa}e${exponent}`);
  if (exponent >= -4 && exponent <= 4) return { value, text: grouped.format(value) };
  const text = mantissa === 1 ? '10' : `${mantissa}·10`;
  return { value, text, exponent: String(exponent).replace('-', '−') };
}

const grouped = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** The decimals that tell neighbouring ticks apart; powers of ten only where decimals would be unreadable. */
function linearLabels(domain: number[], count: number): (value: number) => Tick {
  const largest = Math.max(...domain.map(Math.abs));
  const powers = largest >= 1e7 || largest < 1e-3;
  const format = scaleLinear()
    .domain(domain)
    .tickFormat(count, powers ? '~e' : ',f');
  return (value) => {
    if (!powers || value === 0) return { value, text: powers ? '0' : format(value) };
    const [mantissa = '', exponent = ''] = format(value).split('e');
    return { value, text: `${mantissa}·10`, exponent: exponent.replace('+', '').replace('-', '−') };
  };
}
