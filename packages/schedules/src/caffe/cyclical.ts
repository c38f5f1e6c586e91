import { count, nonNegative } from '../spec-type.ts';
import type { Properties } from '../resolve-options.ts';
import {
  caffePolicy,
  halvingHeight,
  height,
  mix,
  type CaffeMomentumOptions,
  type CaffeSchedules,
  type CaffeSpecBase,
} from './policy.ts';

/** Options of {@link triangular}, {@link triangular2} and {@link oneCycle}. */
export type CyclicalOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** Rate after `stepSize` iterations; at least 0. */
  readonly maxLr: number;
  /** Half a cycle; an integer of at least 1. */
  readonly stepSize: number;
};

/** Options of {@link expRange}. */
export type ExpRangeOptions = CyclicalOptions & {
  /** Factor by which the triangles shrink in an iteration; from 0 to 1. */
  readonly gamma: number;
};

/** One of the schedules of {@link triangular} as JSON. */
export type TriangularSpec = CyclicalOptions & CaffeSpecBase & { readonly type: 'caffe.triangular' };
/** One of the schedules of {@link triangular2} as JSON. */
export type Triangular2Spec = CyclicalOptions & CaffeSpecBase & { readonly type: 'caffe.triangular2' };
/** One of the schedules of {@link oneCycle} as JSON. */
export type OneCycleSpec = CyclicalOptions & CaffeSpecBase & { readonly type: 'caffe.oneCycle' };
/** One of the schedules of {@link expRange} as JSON. */
export type ExpRangeSpec = ExpRangeOptions & CaffeSpecBase & { readonly type: 'caffe.expRange' };

/** The options of {@link triangular}, {@link triangular2} and {@link oneCycle} as schemas. */
export const cyclicalProperties: Properties = { baseLr: nonNegative, maxLr: nonNegative, stepSize: count };
/** The options of {@link expRange} as schemas. */
export const expRangeProperties: Properties = {
  ...cyclicalProperties,
  gamma: { ...nonNegative, maximum: 1 },
};

/**
 * The `triangular` of Smith's patch to Caffe: baseLr + (maxLr − baseLr)·h(t), with h from 0 to 1 and back to 0 in
 * 2·stepSize iterations, and so on.
 *
 * @example
 * triangular({ baseLr: 1, maxLr: 5, stepSize: 4 }).learningRate(6); // 3
 * @throws RangeError if an option is out of range.
 * @see Smith, Cyclical Learning Rates (arXiv 1506.01186); bckenstler/CLR has the same formulas.
 */
export function triangular(options: CyclicalOptions): CaffeSchedules {
  return caffePolicy<TriangularSpec>('caffe.triangular', cyclicalProperties, options, (spec) => {
    const { baseLr, maxLr, stepSize } = spec;
    return (iteration) => mix(baseLr, maxLr, height(iteration, stepSize));
  });
}

/**
 * {@link triangular} with every cycle half as high as the one before.
 *
 * @example
 * triangular2({ baseLr: 1, maxLr: 5, stepSize: 4 }).learningRate(12); // 3
 * @throws RangeError if an option is out of range.
 */
export function triangular2(options: CyclicalOptions): CaffeSchedules {
  return caffePolicy<Triangular2Spec>('caffe.triangular2', cyclicalProperties, options, (spec) => {
    const { baseLr, maxLr, stepSize } = spec;
    return (iteration) => mix(baseLr, maxLr, halvingHeight(iteration, stepSize));
  });
}

/**
 * {@link triangular} whose height at iteration t is multiplied by gamma^t.
 *
 * @example
 * expRange({ baseLr: 0, maxLr: 1, stepSize: 1, gamma: 0.5 }).learningRate(1); // 0.5
 * @throws RangeError if an option is out of range.
 */
export function expRange(options: ExpRangeOptions): CaffeSchedules {
  return caffePolicy<ExpRangeSpec>('caffe.expRange', expRangeProperties, options, (spec) => {
    const { baseLr, maxLr, stepSize, gamma } = spec;
    return (iteration) => mix(baseLr, maxLr, height(iteration, stepSize) * gamma ** iteration);
  });
}

/** From the logs: the tail's constant rate is `baseLr` divided by this. */
const tailDivisor = 1000;

/**
 * The `1cycle` of Smith's Caffe, as his logs show it.
 *
 * Linear from `baseLr` to `maxLr` in `stepSize` iterations, from there towards **0** in as many, and
 * `baseLr / 1000` from iteration 2·stepSize on. The papers' 1cycle comes down to the rate that it began with; this
 * one does not, and jumps up from almost 0 where the tail begins.
 *
 * @example
 * const { learningRate } = oneCycle({ baseLr: 1, maxLr: 4, stepSize: 4 });
 * [0, 2, 4, 6, 7, 8].map(learningRate); // [1, 2.5, 4, 2, 1, 0.001]
 * @throws RangeError if an option is out of range.
 * @see lnsmith54/hyperParam1, the logs; Smith, arXiv 1803.09820, section 4.1.
 */
export function oneCycle(options: CyclicalOptions): CaffeSchedules {
  return caffePolicy<OneCycleSpec>('caffe.oneCycle', cyclicalProperties, options, (spec) => {
    const { baseLr, maxLr, stepSize } = spec;
    return (iteration) => {
      if (iteration <= stepSize) return mix(baseLr, maxLr, iteration / stepSize);
      const tail = iteration >= 2 * stepSize;
      return tail ? baseLr / tailDivisor : mix(maxLr, 0, iteration / stepSize - 1);
    };
  });
}
