import { requireCount, requireThat, requireWithin } from '../checks.ts';
import { fromZeroOn } from '../define-schedule.ts';
import { resolveOptions, withDefault, type Properties } from '../resolve-options.ts';
import { boolean, count, nonNegative, oneOf, positive } from '../spec-type.ts';
import { bounded, cosine, outputs, type TorchOutput, type TorchSchedules } from './torch-schedules.ts';

/** Options of {@link oneCycleLR}. */
export type OneCycleLROptions = (
  | {
      /** Updates in the run; an integer of at least 1. Wins over `epochs` and `stepsPerEpoch`. */
      readonly totalSteps: number;
      readonly epochs?: number;
      readonly stepsPerEpoch?: number;
    }
  | {
      readonly totalSteps?: undefined;
      /** An integer of at least 1. */
      readonly epochs: number;
      /** An integer of at least 1. */
      readonly stepsPerEpoch: number;
    }
) & {
  /** The highest rate; at least 0. */
  readonly maxLr: number;
  /** Part of the run in which the rate rises; from 0 to 1. @default 0.3 */
  readonly pctStart?: number;
  /** @default 'cos' */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Whether there is a momentum, inverse to the rate. @default true */
  readonly cycleMomentum?: boolean;
  /** Momentum where the rate is `maxLr`; at least 0. @default 0.85 */
  readonly baseMomentum?: number;
  /** Momentum at both ends; at least 0. @default 0.95 */
  readonly maxMomentum?: number;
  /** The run begins at maxLr / divFactor; greater than 0. @default 25 */
  readonly divFactor?: number;
  /** The run ends at maxLr / divFactor / finalDivFactor; greater than 0. @default 1e4 */
  readonly finalDivFactor?: number;
  /** Back to the first rate as fast as it rose, then on to the last rate. @default false */
  readonly threePhase?: boolean;
  /** See {@link oneCycleLR}. @default false */
  readonly strict?: boolean;
};

/** The learning rate or the momentum of {@link oneCycleLR} as JSON. */
export type OneCycleLRSpec = Required<
  Omit<OneCycleLROptions, 'totalSteps' | 'epochs' | 'stepsPerEpoch' | 'cycleMomentum'>
> & { readonly type: 'torch.oneCycleLR'; readonly totalSteps: number; readonly of: TorchOutput };

export const oneCycleProperties: Properties = {
  maxLr: nonNegative,
  totalSteps: count,
  'pctStart?': withDefault({ ...nonNegative, maximum: 1 }, 0.3),
  'annealStrategy?': withDefault(oneOf(['cos', 'linear']), 'cos'),
  'baseMomentum?': withDefault(nonNegative, 0.85),
  'maxMomentum?': withDefault(nonNegative, 0.95),
  'divFactor?': withDefault(positive, 25),
  'finalDivFactor?': withDefault(positive, 1e4),
  'threePhase?': withDefault(boolean, false),
  'strict?': withDefault(boolean, false),
};

/**
 * The rate from maxLr / divFactor up to `maxLr` and down to the last rate, momentum the other way.
 *
 * With T = totalSteps, the rate arrives at `maxLr` at step pctStart·T − 1 and at the last rate at step T − 1, the last
 * update. With `threePhase` it is back at the first rate at step 2·pctStart·T − 2, and momentum stays flat from there.
 * Between two such points p goes from 0 to 1, and a value from a to b is b + (a − b)·(cos(πp) + 1) / 2, or
 * a + (b − a)·p with `'linear'`.
 *
 * What surprises in the original, and is the same here:
 *
 * - `maxLr` is missed where pctStart·T is not a whole number.
 * - The last rate is a part of the first rate, not of `maxLr`: by default maxLr / 250,000.
 * - The default is not the cycle of the paper, whose halves are equal, linear and followed by a short tail: that is
 *   `threePhase` with `'linear'` and a `pctStart` just below 0.5, or `oneCycle`.
 * - With a `pctStart` above one half `threePhase` leaves no room for the third phase, and the run ends above the last
 *   rate. A run of one update uses the last rate, with `pctStart` 0 the first value is past the peak.
 *
 * Beyond the last update the last value holds, and where pctStart·T is 1, a first phase of no steps on which torch
 * divides by zero, the first update uses `maxLr`. With `strict` both are as in torch: step T goes on along the curve
 * (`'cos'` rises again, `'linear'` goes below 0), a later step is a RangeError, and so is pctStart·T = 1.
 *
 * @example
 * const { learningRate, momentum } = oneCycleLR({ maxLr: 1, totalSteps: 10 });
 * learningRate(2); // 1
 * momentum(2); // 0.85
 * @throws RangeError if an option is out of range.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.OneCycleLR`; Smith and Topin, Super-Convergence (arXiv 1708.07120).
 */
export function oneCycleLR(
  options: OneCycleLROptions & { readonly cycleMomentum?: true },
): Required<TorchSchedules>;
export function oneCycleLR(options: OneCycleLROptions): TorchSchedules;
export function oneCycleLR(options: OneCycleLROptions): TorchSchedules {
  const totalSteps =
    options.totalSteps ??
    requireCount('oneCycleLR: totalSteps or epochs', options.epochs) *
      requireCount('oneCycleLR: stepsPerEpoch', options.stepsPerEpoch);
  const spec = resolveOptions<Omit<OneCycleLRSpec, 'of'>>('torch.oneCycleLR', oneCycleProperties, {
    ...options,
    totalSteps,
  });
  const { maxLr, pctStart, baseMomentum, maxMomentum, divFactor, finalDivFactor, threePhase } = spec;
  const first = requireWithin('oneCycleLR: maxLr / divFactor', maxLr / divFactor);
  const last = requireWithin('oneCycleLR: maxLr / divFactor / finalDivFactor', first / finalDivFactor);
  const peak = pctStart * totalSteps - 1;
  const end = totalSteps - 1;
  const ends = threePhase ? [peak, 2 * pctStart * totalSteps - 2, end] : [peak, end];
  const rates = [first, maxLr, ...(threePhase ? [first] : []), last];
  const momenta = [maxMomentum, baseMomentum, maxMomentum, maxMomentum];
  return outputs(options.cycleMomentum, (of) =>
    fromZeroOn({ ...spec, of }, through(spec, ends, of === 'momentum' ? momenta : rates)),
  );
}

/** From values[0] at step 0 to values[1] at ends[0] and so on; the first phase whose end is not passed counts. */
function through(
  { annealStrategy, pctStart, strict, totalSteps }: Omit<OneCycleLRSpec, 'of'>,
  ends: readonly number[],
  values: readonly number[],
): (step: number) => number {
  const anneal = annealStrategy === 'cos' ? cosine : linear;
  const phaseTo = (end: number, index: number) => {
    const start = ends[index - 1] ?? 0;
    return { start, end, from: values[index] ?? 0, to: values[index + 1] ?? 0 };
  };
  const phases = ends.map(phaseTo);
  const lastPhase = phaseTo(totalSteps - 1, ends.length - 1);
  const lastStep = strict ? totalSteps : totalSteps - 1;
  const allowed = `at most totalSteps, ${totalSteps}`;
  const evaluate = (step: number): number => {
    requireThat(!strict || step <= totalSteps, 'oneCycleLR: step', step, allowed);
    const n = Math.min(step, lastStep);
    let phase = lastPhase;
    for (const candidate of phases) {
      if (n > candidate.end) continue;
      phase = candidate;
      break;
    }
    const { start, from, to } = phase;
    const width = phase.end - start;
    requireThat(!strict || width !== 0, 'oneCycleLR: pctStart', pctStart, 'such that no phase has 0 steps');
    return width === 0 ? to : bounded(anneal(from, to, (n - start) / width), strict);
  };
  if (strict) evaluate(0);
  return evaluate;
}

function linear(start: number, end: number, p: number): number {
  return (end - start) * p + start;
}
