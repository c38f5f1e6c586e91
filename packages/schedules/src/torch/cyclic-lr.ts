import { requireFunction, requireThat } from '../checks.ts';
import { finitePower } from '../finite-power.ts';
import { fromZeroOn, type Evaluate } from '../define-schedule.ts';
import { resolveOptions, withDefault, type Properties } from '../resolve-options.ts';
import { boolean, nonNegative, oneOf } from '../spec-type.ts';
import {
  bounded,
  noSpec,
  outputs,
  requireFinite,
  type TorchOutput,
  type TorchSchedules,
} from './torch-schedules.ts';

/** Options of {@link cyclicLR}. */
export type CyclicLROptions = {
  /** Rate at both ends of a cycle; at least 0. */
  readonly baseLr: number;
  /** Rate in between; at least 0. */
  readonly maxLr: number;
  /** Steps up; at least 1. @default 2000 */
  readonly stepSizeUp?: number;
  /** Steps down; at least 0. @default stepSizeUp */
  readonly stepSizeDown?: number | null;
  /** How the amplitude changes: not, halved in every cycle, or times `gamma` at every step. @default 'triangular' */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** Of `'exp_range'`; at least 0. @default 1 */
  readonly gamma?: number;
  /** In place of `mode`: what the amplitude is multiplied by. Such a schedule has no `spec`. */
  readonly scaleFn?: (x: number) => number;
  /** Whether `scaleFn` sees the number of the cycle, from 1, or the step. @default 'cycle' */
  readonly scaleMode?: 'cycle' | 'iterations';
  /** Whether there is a momentum, inverse to the rate. @default true */
  readonly cycleMomentum?: boolean;
  /** Momentum where the rate is highest; at least 0. @default 0.8 */
  readonly baseMomentum?: number;
  /** Momentum where the rate is lowest; at least 0. @default 0.9 */
  readonly maxMomentum?: number;
  /** See {@link cyclicLR}. @default false */
  readonly strict?: boolean;
};

/** The learning rate or the momentum of {@link cyclicLR} as JSON. */
export type CyclicLRSpec = Required<Omit<CyclicLROptions, 'scaleFn' | 'scaleMode' | 'cycleMomentum'>> & {
  readonly type: 'torch.cyclicLR';
  readonly of: TorchOutput;
};

export const cyclicProperties: Properties = {
  baseLr: nonNegative,
  maxLr: nonNegative,
  'stepSizeUp?': withDefault({ type: 'number', minimum: 1 }, 2000),
  'stepSizeDown?': withDefault(nonNegative, null),
  'mode?': withDefault(oneOf(['triangular', 'triangular2', 'exp_range']), 'triangular'),
  'gamma?': withDefault(nonNegative, 1),
  'baseMomentum?': withDefault(nonNegative, 0.8),
  'maxMomentum?': withDefault(nonNegative, 0.9),
  'strict?': withDefault(boolean, false),
};

/**
 * Up and down for ever: baseLr + (maxLr − baseLr)·s·f, momentum maxMomentum − (maxMomentum − baseMomentum)·s·f, where
 * s goes linearly from 0 to 1 in `stepSizeUp` steps and back in `stepSizeDown`, and f is by `mode` 1,
 * 1 / 2^(cycle − 1) with cycles counted from 1, or gamma^step.
 *
 * What surprises in the original, and is the same here: momentum is between 0.8 and 0.9, not 0.85 and 0.95 as in
 * {@link oneCycleLR}; `'exp_range'` counts the steps of the whole run, not of a cycle; `scaleMode` counts with a
 * `scaleFn` only; and where f leaves [0, 1], so do the values their bounds.
 *
 * Values stop at 0, and at the largest number. With `strict` they do not, as in torch.
 *
 * @example
 * const { learningRate } = cyclicLR({ baseLr: 1, maxLr: 5, stepSizeUp: 4 });
 * [0, 4, 6, 8].map(learningRate); // [1, 5, 3, 1]
 * @throws RangeError if an option is out of range, also at a step at which `scaleFn` is not finite.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.CyclicLR`; Smith, Cyclical Learning Rates for Training Neural Networks
 * (arXiv 1506.01186).
 */
export function cyclicLR(
  options: CyclicLROptions & { readonly cycleMomentum?: true },
): Required<TorchSchedules>;
export function cyclicLR(options: CyclicLROptions): TorchSchedules;
export function cyclicLR(options: CyclicLROptions): TorchSchedules {
  const spec = resolveOptions<Omit<CyclicLRSpec, 'of'>>('torch.cyclicLR', cyclicProperties, options);
  const { baseLr, maxLr, stepSizeUp, baseMomentum, maxMomentum, strict } = spec;
  const total = stepSizeUp + (spec.stepSizeDown ?? stepSizeUp);
  const ratio = stepSizeUp / total;
  const [scale, perCycle] = scaling(options, spec);
  const along =
    (from: number, to: number): Evaluate =>
    (n) => {
      const cycle = Math.floor(1 + n / total);
      const x = 1 + n / total - cycle;
      const s = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
      return bounded(from + (to - from) * s * scale(perCycle ? cycle : n), strict);
    };
  return outputs(options.cycleMomentum, (of) =>
    fromZeroOn(
      options.scaleFn ? noSpec('cyclicLR: scaleFn') : { ...spec, of },
      of === 'momentum' ? along(maxMomentum, baseMomentum) : along(baseLr, maxLr),
    ),
  );
}

/** What the amplitude is multiplied by, and whether it depends on the cycle or on the step. */
function scaling(
  { scaleFn, scaleMode = 'cycle' }: CyclicLROptions,
  { mode, gamma }: Omit<CyclicLRSpec, 'of'>,
): [scale: (x: number) => number, perCycle: boolean] {
  const scaleModes = ['cycle', 'iterations'];
  requireThat(
    scaleModes.includes(scaleMode),
    'cyclicLR: scaleMode',
    scaleMode,
    `one of ${scaleModes.join(', ')}`,
  );
  if (scaleFn !== undefined) requireFunction('cyclicLR: scaleFn', scaleFn);
  if (scaleFn) return [(x) => requireFinite('cyclicLR: scaleFn', scaleFn(x)), scaleMode === 'cycle'];
  if (mode === 'exp_range') return [(step) => finitePower(gamma, step), false];
  return [mode === 'triangular' ? () => 1 : (cycle) => 2 ** (1 - cycle), true];
}
