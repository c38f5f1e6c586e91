import { requireThat } from '../checks.ts';
import { expRange, oneCycle, triangular, triangular2 } from './cyclical.ts';
import { exp, fixed, inv, multistep, poly, sigmoid, step } from './decay.ts';
import type { CaffeMomentumOptions, CaffeSchedules } from './policy.ts';

/** The settings of a solver prototxt that a schedule depends on, by their names there; others are ignored. */
export type CaffeSolver = {
  readonly lr_policy: string;
  readonly base_lr: number;
  readonly gamma?: number;
  readonly power?: number;
  readonly stepsize?: number;
  readonly stepvalue?: readonly number[] | number;
  readonly max_iter?: number;
  readonly max_lr?: number;
  readonly momentum?: number;
  /** See `cyclicalMomentum` of the policies. */
  readonly cyclical_momentum?: readonly number[];
};

const policies: Readonly<Record<string, (options: never) => CaffeSchedules>> = {
  '1cycle': oneCycle,
  exp,
  exp_range: expRange,
  fixed,
  inv,
  multistep,
  poly,
  sigmoid,
  step,
  triangular,
  triangular2,
};

/**
 * The schedules of a run from the settings in its solver prototxt.
 *
 * @example
 * const solver = { lr_policy: 'step', base_lr: 1, gamma: 0.5, stepsize: 100, weight_decay: 0.0001 };
 * fromSolver(solver).learningRate(200); // 0.25
 * @throws RangeError if the policy is unknown, or a setting that it needs is missing or out of range.
 */
export function fromSolver(solver: CaffeSolver): CaffeSchedules {
  const name = solver.lr_policy;
  const policy = Object.entries(policies).find(([known]) => known === name)?.[1];
  requireThat(
    policy !== undefined,
    'fromSolver: lr_policy',
    name,
    `one of ${Object.keys(policies).join(', ')}`,
  );
  const { gamma, power, momentum } = solver;
  const options = {
    baseLr: solver.base_lr,
    gamma,
    power,
    stepSize: solver.stepsize,
    stepValue: [solver.stepvalue ?? []].flat(),
    maxIter: solver.max_iter,
    maxLr: solver.max_lr,
    momentum,
    cyclicalMomentum: solver.cyclical_momentum as CaffeMomentumOptions['cyclicalMomentum'],
  };
  return (policy as (given: object) => CaffeSchedules)(options);
}
