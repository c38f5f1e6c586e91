import type { CaffeSpec } from './caffe/specs.ts';
import type { CombinatorSpec } from './combinators/specs.ts';
import type { ConstantSpec } from './constant.ts';
import type { CosineRestartsSpec } from './cosine-restarts.ts';
import type { CyclicSpec } from './cyclic.ts';
import type {
  CosineSpec,
  InverseSquareRootSpec,
  InverseTimeSpec,
  PolynomialSpec,
  StepDecaySpec,
} from './decays.ts';
import type { ExponentialSpec } from './exponential.ts';
import type { FastaiSpec } from './fastai/specs.ts';
import type { KerasSpec } from './keras/specs.ts';
import type { LinearSpec } from './linear.ts';
import type { MultiStepSpec } from './multi-step.ts';
import type { OptaxSpec } from './optax/specs.ts';
import type { PiecewiseSpec } from './piecewise.ts';
import type { RangeTestScheduleSpec } from './range-test-schedule.ts';
import type { TorchSpec } from './torch/specs.ts';
import type { TriangularSpec } from './triangular.ts';
import type { FlatThenCosineSpec, WarmUpStableDecaySpec } from './warm-up-stable-decay.ts';
import type { WarmUpSpec } from './warm-up.ts';
import { show } from './checks.ts';

/** Everything a single schedule can be written down as: plain JSON, told apart by `type`. */
export type ScheduleSpec =
  | CaffeSpec
  | CombinatorSpec
  | ConstantSpec
  | CosineRestartsSpec
  | CosineSpec
  | CyclicSpec
  | ExponentialSpec
  | FastaiSpec
  | FlatThenCosineSpec
  | InverseSquareRootSpec
  | InverseTimeSpec
  | KerasSpec
  | LinearSpec
  | MultiStepSpec
  | OptaxSpec
  | PiecewiseSpec
  | PolynomialSpec
  | RangeTestScheduleSpec
  | StepDecaySpec
  | TorchSpec
  | TriangularSpec
  | WarmUpSpec
  | WarmUpStableDecaySpec;

/**
 * A pure function from a step to a value: `schedule(step)`.
 *
 * `step` is the number of updates already done, so the first update uses `schedule(0)` and the last of `n`
 * updates uses `schedule(n - 1)`. It is defined for every finite number: before its first step a schedule holds
 * its first value, after its last step its last value. It is never negative and never NaN; only a library's `strict`
 * may go below 0, where the library does. A step that is not a finite number is a `RangeError`.
 */
export type Schedule = ((step: number) => number) & {
  /**
   * What the schedule was made from, defaults filled in, as frozen plain JSON; `fromSpec` makes it again. Reading it
   * is a `TypeError` where a function of the user's is part of the schedule: JSON has no functions.
   */
  readonly spec: ScheduleSpec;
};

/**
 * Joins a specification and the closed form that it stands for. `evaluate` sees finite steps only. A specification
 * that is made of other schedules' is given as a function, called when `spec` is first read.
 */
export function createSchedule(
  spec: ScheduleSpec | (() => ScheduleSpec),
  evaluate: (step: number) => number,
): Schedule {
  const schedule = (step: number): number => {
    if (!Number.isFinite(step)) throw new RangeError(`step must be a finite number, got ${show(step)}`);
    return evaluate(step);
  };
  let made: ScheduleSpec | undefined;
  return Object.defineProperty(schedule as Schedule, 'spec', {
    get: () => (made ??= Object.freeze(typeof spec === 'function' ? spec() : spec)),
  });
}
