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

/** How an axis is divided. */
export type AxisOptions = {
  /** About how many ticks. */
  readonly tickCount: number;
  /** A linear axis is extended to a whole tick where that takes at most this part of it. */
  readonly slack: number;
};

/** An axis over the drawable ones of some values; `range` is where the lowest and the highest go in the drawing. */
export function createAxis(
  values: Iterable<number>,
  kind: ScaleKind,
  range: readonly [number, number],
  { tickCount, slack }: AxisOptions,
): Axis {
  const [low, high] = extent(values, kind);
  const domain = kind === 'log' ? [low, high] : extended([low, high], tickCount, slack);
  const scale = (kind === 'log' ? scaleLog() : scaleLinear()).domain(domain).range(range);
  const place = (value: number): number => (isDrawable(value, kind) ? scale(value) : NaN);
  const powers = kind === 'log' ? logTicks(low, high, tickCount) : [];
  if (powers.length >= 2) return { ticks: powers, place };

  const linear = scaleLinear().domain(domain);
  return { ticks: linear.ticks(tickCount).map(linearLabels(domain, tickCount)), place };
}

function extended([low, high]: [number, number], tickCount: number, slack: number): [number, number] {
  const [niceLow = low, niceHigh = high] = scaleLinear().domain([low, high]).nice(tickCount).domain();
  const most = slack * (high - low);
  return [low - niceLow <= most ? niceLow : low, niceHigh - high <= most ? niceHigh : high];
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

/** Powers of ten, thinned out over many decades, with steps between them over few. */
function logTicks(low: number, high: number, count: number): Tick[] {
  const decades = Math.log10(high / low);
  const mantissas = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const stride = Math.max(1, Math.ceil(decades / count));
  const asPowers = first < -4 || last > 5;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .filter((exponent) => exponent % stride === 0)
    .flatMap((exponent) => mantissas.map((mantissa) => logTick(mantissa, exponent, asPowers)))
    .filter(({ value }) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
}

function logTick(mantissa: number, exponent: number, asPower: boolean): Tick {
  const value = Number(`${mantissa}e${exponent}`);
  if (!asPower || exponent === 0 || exponent === 1) return { value, text: grouped.format(value) };
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
