import { requireBelowOne, requireCount, requirePositive, requireThat, requireWithin } from './checks.ts';
import { piecewise } from './piecewise.ts';
import type { Schedule } from './schedule.ts';

/** arXiv 1803.09820, section 4.1, has the minimum a factor of 10 or 20 below the maximum. */
const defaultRateRatio = 20;
/** The authors' published scripts give 83–96 % of the run to the cycle, the rest to the tail. */
const defaultCycleShare = 0.87;
/** Momentum between 0.95 and 0.85, inverse to the rate: arXiv 1803.09820, section 4.3. */
const defaultMaxMomentum = 0.95;
const defaultMinMomentum = 0.85;

/** Options of {@link oneCycle}. */
export type OneCycleOptions = {
  /** Updates in the whole run; an integer of at least 1. */
  readonly totalSteps: number;
  /** Rate in the middle of the cycle; greater than 0. Find it with a range test. */
  readonly maxLearningRate: number;
  /** Rate at both ends of the cycle; from 0 to `maxLearningRate`. @default maxLearningRate / 20 */
  readonly minLearningRate?: number;
  /** Rate once all updates are done; from 0 to `minLearningRate`. @default 0 */
  readonly finalLearningRate?: number;
  /** Part of the run that the cycle takes; greater than 0, at most 1. @default 0.87 */
  readonly cycleShare?: number;
  /** Momentum where the rate is lowest; at least `minMomentum`, less than 1. @default 0.95 */
  readonly maxMomentum?: number;
  /** Momentum where the rate is highest; from 0 to less than 1. @default 0.85 */
  readonly minMomentum?: number;
};

/** A {@link oneCycle} pair as JSON. */
export type OneCycleSpec = Required<OneCycleOptions> & { readonly type: 'oneCycle' };

/** What {@link oneCycle} returns: two schedules that belong together. */
export type OneCycle = {
  readonly learningRate: Schedule;
  readonly momentum: Schedule;
  /** The options, defaults filled in, as frozen plain JSON; `fromSpec` makes the pair again. */
  readonly spec: OneCycleSpec;
};

/**
 * Smith's 1cycle policy: the rate up and down once, then annihilated in a short tail, momentum the other way.
 *
 * With `half = round(cycleShare·totalSteps / 2)`, kept between 1 and `floor(totalSteps / 2)`, the schedules go
 * linearly through these points, each exact:
 *
 * | updates done | learning rate | momentum |
 * | --- | --- | --- |
 * | 0 | minLearningRate | maxMomentum |
 * | half | maxLearningRate | minMomentum |
 * | 2·half | minLearningRate | maxMomentum |
 * | totalSteps | finalLearningRate | maxMomentum |
 *
 * `finalLearningRate` is where the tail arrives once all updates are done. The last update, step
 * `totalSteps - 1`, is one tail step before it, so that with a final rate of 0 no update is wasted. Where the
 * cycle fills the whole run there is no tail and no final rate. A run of one update has no room for a cycle: it
 * uses `minLearningRate`.
 *
 * Smith's text has the rate fall several orders of magnitude below the minimum after the cycle: give
 * `finalLearningRate: minLearningRate / 1000`, or lower. The `1cycle` of his patch to Caffe, with a constant tail and
 * another course of the momentum, is in the subpath `/caffe`.
 *
 * @example
 * const { learningRate, momentum } = oneCycle({ totalSteps: 10_000, maxLearningRate: 3, cycleShare: 0.9 });
 * learningRate(4_500); // 3
 * momentum(4_500); // 0.85
 * @throws RangeError if an option is out of range.
 * @see Smith and Topin, Super-Convergence (arXiv 1708.07120), and Smith, A Disciplined Approach to Neural Network
 * Hyper-Parameters: Part 1 (arXiv 1803.09820), sections 4.1 and 4.3.
 */
export function oneCycle(options: OneCycleOptions): OneCycle {
  const spec = resolve(options);
  const { totalSteps, maxLearningRate, minLearningRate, finalLearningRate, maxMomentum, minMomentum } = spec;
  const half = halfCycle(totalSteps, spec.cycleShare);

  const rates = [{ step: 0, value: minLearningRate }];
  const momenta = [{ step: 0, value: maxMomentum }];
  if (half > 0) {
    rates.push({ step: half, value: maxLearningRate }, { step: 2 * half, value: minLearningRate });
    momenta.push({ step: half, value: minMomentum }, { step: 2 * half, value: maxMomentum });
  }
  if (2 * half < totalSteps) rates.push({ step: totalSteps, value: finalLearningRate });

  return { learningRate: piecewise({ knots: rates }), momentum: piecewise({ knots: momenta }), spec };
}

/** Equal halves of whole updates, so that the maximum is really used by one of them. */
export function halfCycle(totalSteps: number, cycleShare: number): number {
  const half = Math.max(1, Math.round((cycleShare * totalSteps) / 2));
  return Math.min(half, Math.floor(totalSteps / 2));
}

/** The part of the run that the cycle takes, or its default. */
export function requireCycleShare(name: string, cycleShare: number = defaultCycleShare): number {
  const ok = Number.isFinite(cycleShare) && cycleShare > 0 && cycleShare <= 1;
  return requireThat(ok, name, cycleShare, 'a number > 0 and ≤ 1');
}

function resolve(options: OneCycleOptions): OneCycleSpec {
  const totalSteps = requireCount('oneCycle: totalSteps', options.totalSteps);
  const maxLearningRate = requirePositive('oneCycle: maxLearningRate', options.maxLearningRate);
  const { minLearningRate = maxLearningRate / defaultRateRatio, finalLearningRate = 0 } = options;
  const cycleShare = requireCycleShare('oneCycle: cycleShare', options.cycleShare);
  const { maxMomentum = defaultMaxMomentum, minMomentum = defaultMinMomentum } = options;

  return Object.freeze({
    type: 'oneCycle',
    totalSteps,
    maxLearningRate,
    minLearningRate: requireWithin('oneCycle: minLearningRate', minLearningRate, 0, maxLearningRate),
    finalLearningRate: requireWithin('oneCycle: finalLearningRate', finalLearningRate, 0, minLearningRate),
    cycleShare,
    maxMomentum: requireBelowOne('oneCycle: maxMomentum', maxMomentum),
    minMomentum: requireWithin('oneCycle: minMomentum', minMomentum, 0, maxMomentum),
  });
}
