import { finitePower } from '../finite-power.ts';
import { count, integer, listOf, nonNegative, number } from '../spec-type.ts';
import type { Properties } from '../resolve-options.ts';
import { caffePolicy, type CaffeMomentumOptions, type CaffeSchedules, type CaffeSpecBase } from './policy.ts';

/** Options of {@link fixed}. */
export type FixedOptions = CaffeMomentumOptions & {
  /** At least 0. */
  readonly baseLr: number;
};

/** Options of {@link step}. */
export type StepOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** Factor of a drop; at least 0. */
  readonly gamma: number;
  /** Iterations from a drop to the next; an integer of at least 1. */
  readonly stepSize: number;
};

/** Options of {@link exp}. */
export type ExpOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** Factor from one iteration to the next; at least 0, and above 1 for a rate that rises. */
  readonly gamma: number;
};

/** Options of {@link inv}. */
export type InvOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** At least 0. */
  readonly gamma: number;
  /** At least 0. */
  readonly power: number;
};

/** Options of {@link multistep}. */
export type MultistepOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** Factor of a drop; at least 0. */
  readonly gamma: number;
  /** Iterations at which the rate drops; integers of at least 0. */
  readonly stepValue: readonly number[];
};

/** Options of {@link poly}. */
export type PolyOptions = CaffeMomentumOptions & {
  /** Rate of the first iteration; at least 0. */
  readonly baseLr: number;
  /** At least 0. */
  readonly power: number;
  /** Iterations in the run; an integer of at least 1. */
  readonly maxIter: number;
};

/** Options of {@link sigmoid}. */
export type SigmoidOptions = CaffeMomentumOptions & {
  /** The rate's upper limit; at least 0. */
  readonly baseLr: number;
  /** Steepness; below 0 the rate falls, above 0 it rises. */
  readonly gamma: number;
  /** Iteration at which the rate is half of `baseLr`; an integer of at least 1. */
  readonly stepSize: number;
};

/** One of the schedules of {@link fixed} as JSON. */
export type FixedSpec = FixedOptions & CaffeSpecBase & { readonly type: 'caffe.fixed' };
/** One of the schedules of {@link step} as JSON. */
export type StepSpec = StepOptions & CaffeSpecBase & { readonly type: 'caffe.step' };
/** One of the schedules of {@link exp} as JSON. */
export type ExpSpec = ExpOptions & CaffeSpecBase & { readonly type: 'caffe.exp' };
/** One of the schedules of {@link inv} as JSON. */
export type InvSpec = InvOptions & CaffeSpecBase & { readonly type: 'caffe.inv' };
/** One of the schedules of {@link multistep} as JSON. */
export type MultistepSpec = MultistepOptions & CaffeSpecBase & { readonly type: 'caffe.multistep' };
/** One of the schedules of {@link poly} as JSON. */
export type PolySpec = PolyOptions & CaffeSpecBase & { readonly type: 'caffe.poly' };
/** One of the schedules of {@link sigmoid} as JSON. */
export type SigmoidSpec = SigmoidOptions & CaffeSpecBase & { readonly type: 'caffe.sigmoid' };

/** The options of {@link fixed} as schemas. */
export const fixedProperties: Properties = { baseLr: nonNegative };
/** The options of {@link step} as schemas. */
export const stepProperties: Properties = { baseLr: nonNegative, gamma: nonNegative, stepSize: count };
/** The options of {@link exp} as schemas. */
export const expProperties: Properties = { baseLr: nonNegative, gamma: nonNegative };
/** The options of {@link inv} as schemas. */
export const invProperties: Properties = { baseLr: nonNegative, gamma: nonNegative, power: nonNegative };
/** The options of {@link multistep} as schemas. */
export const multistepProperties: Properties = {
  baseLr: nonNegative,
  gamma: nonNegative,
  stepValue: listOf({ ...integer, minimum: 0 }),
};
/** The options of {@link poly} as schemas. */
export const polyProperties: Properties = { baseLr: nonNegative, power: nonNegative, maxIter: count };
/** The options of {@link sigmoid} as schemas. */
export const sigmoidProperties: Properties = { baseLr: nonNegative, gamma: number, stepSize: count };

/**
 * Caffe's `fixed`: always `baseLr`.
 *
 * @example
 * fixed({ baseLr: 0.1 }).learningRate(1_000); // 0.1
 * @throws RangeError if an option is out of range.
 * @see BVLC/caffe, `SGDSolver::GetLearningRate`, for this policy and those below.
 */
export function fixed(options: FixedOptions): CaffeSchedules {
  return caffePolicy<FixedSpec>(
    'caffe.fixed',
    fixedProperties,
    options,
    ({ baseLr }) =>
      () =>
        baseLr,
  );
}

/**
 * Caffe's `step`: baseLr · gamma^floor(t / stepSize).
 *
 * @example
 * step({ baseLr: 1, gamma: 0.5, stepSize: 100 }).learningRate(200); // 0.25
 * @throws RangeError if an option is out of range.
 */
export function step(options: StepOptions): CaffeSchedules {
  return caffePolicy<StepSpec>('caffe.step', stepProperties, options, (spec) => {
    const { baseLr, gamma, stepSize } = spec;
    return (iteration) => baseLr * finitePower(gamma, Math.floor(iteration / stepSize));
  });
}

/**
 * Caffe's `exp`: baseLr · gamma^t.
 *
 * @example
 * exp({ baseLr: 1, gamma: 0.5 }).learningRate(3); // 0.125
 * @throws RangeError if an option is out of range.
 */
export function exp(options: ExpOptions): CaffeSchedules {
  return caffePolicy<ExpSpec>('caffe.exp', expProperties, options, ({ baseLr, gamma }) => {
    return (iteration) => baseLr * finitePower(gamma, iteration);
  });
}

/**
 * Caffe's `inv`: baseLr · (1 + gamma·t)^−power.
 *
 * @example
 * inv({ baseLr: 1, gamma: 0.5, power: 2 }).learningRate(2); // 0.25
 * @throws RangeError if an option is out of range.
 */
export function inv(options: InvOptions): CaffeSchedules {
  return caffePolicy<InvSpec>('caffe.inv', invProperties, options, ({ baseLr, gamma, power }) => {
    return (iteration) => baseLr * (1 + gamma * iteration) ** -power;
  });
}

/**
 * Caffe's `multistep`: baseLr · gamma^k after k drops.
 *
 * Caffe waits for the drops in the order of the list and takes at most one in an iteration: the k-th is at
 * max(stepValue[k], one after the drop before it). One that is out of order comes right after its predecessor.
 *
 * @example
 * const { learningRate } = multistep({ baseLr: 1, gamma: 0.5, stepValue: [10, 30, 20] });
 * [10, 29, 30, 31].map(learningRate); // [0.5, 0.5, 0.25, 0.125]
 * @throws RangeError if an option is out of range.
 */
export function multistep(options: MultistepOptions): CaffeSchedules {
  return caffePolicy<MultistepSpec>('caffe.multistep', multistepProperties, options, (spec) => {
    const { baseLr, gamma, stepValue } = spec;
    let previous = -1;
    const drops = stepValue.map((value) => (previous = Math.max(value, previous + 1)));
    return (iteration) => {
      let passed = 0;
      while (iteration >= (drops[passed] ?? Infinity)) passed += 1;
      return baseLr * finitePower(gamma, passed);
    };
  });
}

/**
 * Caffe's `poly`: baseLr · (1 − t / maxIter)^power, and its last value from `maxIter` on.
 *
 * @example
 * poly({ baseLr: 1, power: 2, maxIter: 100 }).learningRate(50); // 0.25
 * @throws RangeError if an option is out of range.
 */
export function poly(options: PolyOptions): CaffeSchedules {
  return caffePolicy<PolySpec>('caffe.poly', polyProperties, options, ({ baseLr, power, maxIter }) => {
    return (iteration) => baseLr * Math.max(1 - iteration / maxIter, 0) ** power;
  });
}

/**
 * Caffe's `sigmoid`: baseLr / (1 + e^(−gamma·(t − stepSize))).
 *
 * @example
 * sigmoid({ baseLr: 1, gamma: -0.01, stepSize: 500 }).learningRate(500); // 0.5
 * @throws RangeError if an option is out of range.
 */
export function sigmoid(options: SigmoidOptions): CaffeSchedules {
  return caffePolicy<SigmoidSpec>('caffe.sigmoid', sigmoidProperties, options, (spec) => {
    const { baseLr, gamma, stepSize } = spec;
    return (iteration) => baseLr / (1 + Math.exp(-gamma * (iteration - stepSize)));
  });
}
