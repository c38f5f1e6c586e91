import { requireThat } from '../checks.ts';
import { requireSchedule } from '../combinators/require-schedule.ts';
import type { RateOnly } from '../define-schedule.ts';
import { resolveOptions, type Properties } from '../resolve-options.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from '../schedule.ts';
import { integer, listOf, positive } from '../spec-type.ts';
import type { TorchSchedules } from './torch-schedules.ts';

/** Options of {@link sequentialLR}. */
export type SequentialLROptions = {
  /** What functions like `linearLR` return; one or more. */
  readonly schedulers: readonly TorchSchedules[];
  /** Steps at which the next one begins: one fewer than schedulers, integers of at least 0, none less than the last. */
  readonly milestones: readonly number[];
};

/** Options of {@link chainedScheduler}. */
export type ChainedSchedulerOptions = {
  /** The optimiser's rate, which every scheduler has as its `lr` too; greater than 0. */
  readonly lr: number;
  /** What `stepLR`, `multiStepLR`, `exponentialLR`, `constantLR`, `linearLR` and `polynomialLR` return. */
  readonly schedulers: readonly TorchSchedules[];
};

/** The learning rate or the momentum of {@link sequentialLR} as JSON. */
export type SequentialLRSpec = {
  readonly type: 'torch.sequentialLR';
  readonly schedulers: readonly ScheduleSpec[];
  readonly milestones: readonly number[];
};

/** The learning rate of {@link chainedScheduler} as JSON. */
export type ChainedSchedulerSpec = {
  readonly type: 'torch.chainedScheduler';
  readonly lr: number;
  readonly schedulers: readonly ScheduleSpec[];
};

export const sequentialProperties: Properties = { milestones: listOf({ ...integer, minimum: 0 }) };
export const chainedProperties: Properties = { lr: positive };

const factors = ['stepLR', 'multiStepLR', 'exponentialLR', 'constantLR', 'linearLR', 'polynomialLR'];

/**
 * One scheduler after the other; each begins with its step 0 at its milestone.
 *
 * There is a momentum if one of the schedulers has it. While those without it run it stays where the one before left
 * it, or, when there was none yet, at the first momentum of the last scheduler that has one.
 *
 * In torch a scheduler's constructor changes the optimiser that it shares with the others: a OneCycleLR makes those
 * before it start from its own first rate. Here every scheduler keeps the rate that it was given.
 *
 * @example
 * const schedulers = [linearLR({ lr: 1, startFactor: 0.5, totalIters: 2 }), exponentialLR({ lr: 1, gamma: 0.5 })];
 * [0, 1, 2, 3].map(sequentialLR({ schedulers, milestones: [2] }).learningRate); // [0.5, 0.75, 1, 0.5]
 * @throws RangeError if a milestone is out of range or out of order, or their number is not that of schedulers less one.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.SequentialLR`.
 */
export function sequentialLR(options: SequentialLROptions): TorchSchedules {
  const schedulers = requireSome('sequentialLR', options.schedulers);
  const type = 'torch.sequentialLR';
  const { milestones } = resolveOptions<SequentialLRSpec>(type, sequentialProperties, options);
  const fits = milestones.length === schedulers.length - 1;
  const isAscending = milestones.every((step, index) => step >= (milestones[index - 1] ?? 0));
  const allowed = 'ascending, one fewer than schedulers';
  requireThat(fits && isAscending, 'sequentialLR: milestones', milestones, allowed);

  const inSequence = (parts: readonly Schedule[]): Schedule =>
    createSchedule(
      () => ({ type, schedulers: Object.freeze(parts.map(({ spec }) => spec)), milestones }),
      sequence(parts, milestones),
    );
  const learningRate = inSequence(schedulers.map((scheduler) => scheduler.learningRate));
  const last = schedulers.findLast(({ momentum }) => momentum)?.momentum;
  return last
    ? { learningRate, momentum: inSequence(heldMomenta(schedulers, milestones, last(0))) }
    : { learningRate };
}

/**
 * The rate times the factors of several schedulers.
 *
 * torch lets the schedulers change the optimiser's rate one after the other. That is a product for the six that
 * multiply the rate they find. The others set it, and forget what those before them did (LambdaLR, CyclicLR, OneCycleLR,
 * CosineAnnealingWarmRestarts), or add to it (CosineAnnealingLR): a chain with one of them is a RangeError, or for
 * LambdaLR, which has no `spec`, a TypeError.
 *
 * @example
 * const schedulers = [constantLR({ lr: 1, factor: 0.5, totalIters: 2 }), exponentialLR({ lr: 1, gamma: 0.5 })];
 * [0, 1, 2].map(chainedScheduler({ lr: 1, schedulers }).learningRate); // [0.5, 0.25, 0.25]
 * @throws RangeError if the rate is out of range, or a scheduler is another one or has another rate.
 * @see torch 2.15.0, `torch.optim.lr_scheduler.ChainedScheduler`.
 */
export function chainedScheduler(options: ChainedSchedulerOptions): RateOnly {
  const type = 'torch.chainedScheduler';
  const { lr } = resolveOptions<ChainedSchedulerSpec>(type, chainedProperties, options);
  const parts = requireSome('chainedScheduler', options.schedulers).map(({ learningRate }) => learningRate);
  const specs = parts.map(({ spec }) => spec);
  specs.forEach((spec, index) => {
    const name = `chainedScheduler: schedulers[${index}]`;
    requireThat(
      factors.includes(spec.type.replace('torch.', '')),
      name,
      spec.type,
      `one of ${factors.join(', ')}`,
    );
    const own: unknown = 'lr' in spec && spec.lr;
    requireThat(own === lr, `${name}.lr`, own, `lr, ${lr}`);
  });
  const learningRate = createSchedule({ type, lr, schedulers: Object.freeze(specs) }, (step) => {
    let value = lr;
    for (const schedule of parts) value = Math.min(value * (schedule(step) / lr), Number.MAX_VALUE);
    return value;
  });
  return { learningRate };
}

function requireSome(name: string, schedulers: readonly TorchSchedules[]): readonly TorchSchedules[] {
  const ok = Array.isArray(schedulers) && schedulers.length > 0;
  requireThat(ok, `${name}: schedulers`, schedulers, 'a list of one or more');
  schedulers.forEach((scheduler, index) => {
    requireSchedule(`${name}: schedulers[${index}].learningRate`, scheduler.learningRate);
  });
  return [...schedulers];
}

/** The part whose milestone is the last one at or before the step. */
function sequence(parts: readonly Schedule[], milestones: readonly number[]): (step: number) => number {
  const [first = () => 0, ...rest] = parts;
  return (step) => {
    const n = Math.max(step, 0);
    let current = first;
    let start = 0;
    for (let index = 0; index < rest.length; index++) {
      const milestone = milestones[index];
      const part = rest[index];
      if (milestone === undefined || part === undefined || n < milestone) break;
      current = part;
      start = milestone;
    }
    return current(n - start);
  };
}

/** The momenta of the schedulers, with constants for those that leave it alone. */
function heldMomenta(
  schedulers: readonly TorchSchedules[],
  milestones: readonly number[],
  first: number,
): Schedule[] {
  let held = first;
  return schedulers.map(({ momentum }, index) => {
    const steps = (milestones[index] ?? 0) - (milestones[index - 1] ?? 0);
    const value = held;
    const schedule = momentum ?? createSchedule({ type: 'constant', value }, () => value);
    if (steps > 0) held = schedule(steps - 1);
    return schedule;
  });
}
