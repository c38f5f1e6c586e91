import { requireCount, requirePositive, requireThat } from './checks.ts';
import { halfCycle, requireCycleShare } from './one-cycle.ts';

/** Options of {@link stepsPerEpoch}. */
export type StepsPerEpochOptions = {
  /** Samples in the training set; an integer of at least 1. */
  readonly numSamples: number;
  /** Samples in a batch; an integer of at least 1. */
  readonly batchSize: number;
  /** Leave out a last batch that is short. @default false */
  readonly dropLast?: boolean;
};

/**
 * Updates in an epoch: `numSamples / batchSize`, rounded up, or down with `dropLast`.
 *
 * @example
 * stepsPerEpoch({ numSamples: 50_000, batchSize: 128 }); // 391
 * @throws RangeError if an option is out of range, or if `dropLast` leaves no batch.
 */
export function stepsPerEpoch(options: StepsPerEpochOptions): number {
  const numSamples = requireCount('stepsPerEpoch: numSamples', options.numSamples);
  const batchSize = requireCount('stepsPerEpoch: batchSize', options.batchSize);
  if (options.dropLast !== true) return Math.ceil(numSamples / batchSize);
  const fits = batchSize <= numSamples;
  requireThat(
    fits,
    'stepsPerEpoch: batchSize',
    batchSize,
    `at most numSamples, ${numSamples}, with dropLast`,
  );
  return Math.floor(numSamples / batchSize);
}

/**
 * How long half a cycle may be: 2 to 10 epochs, in updates.
 *
 * The bounds are for the step size, which is half a cycle, not for the cycle.
 *
 * @example
 * stepSizeBounds({ stepsPerEpoch: 391 }); // { minimum: 782, maximum: 3910 }
 * @throws RangeError if `stepsPerEpoch` is not an integer of at least 1.
 * @see Smith, Cyclical Learning Rates for Training Neural Networks (arXiv 1506.01186), section 3.2.
 */
export function stepSizeBounds(options: { readonly stepsPerEpoch: number }): {
  minimum: number;
  maximum: number;
} {
  const steps = requireCount('stepSizeBounds: stepsPerEpoch', options.stepsPerEpoch);
  return { minimum: 2 * steps, maximum: 10 * steps };
}

/** Options of {@link planOneCycle}: the length of the run in `epochs` or in `totalSteps`. */
export type PlanOneCycleOptions = StepsPerEpochOptions & {
  /** Part of the run that the cycle takes; greater than 0, at most 1. @default 0.87 */
  readonly cycleShare?: number;
} & (
    | {
        /** Greater than 0, also a fraction; the run is rounded to whole updates, at least one. */
        readonly epochs: number;
        readonly totalSteps?: undefined;
      }
    | {
        /** Updates in the run; an integer of at least 1. */
        readonly totalSteps: number;
        readonly epochs?: undefined;
      }
  );

/** What {@link planOneCycle} returns. */
export type OneCyclePlan = {
  /** Updates in the run. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Updates in half the cycle. */
  readonly stepSize: number;
  /** Updates in the cycle: twice the step size. */
  readonly cycleSteps: number;
  /** Updates that are left after the cycle. */
  readonly tailSteps: number;
  /** `totalSteps / stepsPerEpoch`. */
  readonly epochs: number;
  /** What is unusual in this plan, a sentence each. */
  readonly notes: readonly string[];
};

/**
 * The lengths that `oneCycle` gives a run, in updates, before it is started.
 *
 * With 10,000 updates and a share of 90 % the cycle has 9,000, either half 4,500, and 1,000 are left for the tail.
 * (The notes that this example comes from say 90,000, 45,000 and 10,000: each ten times too many for its run.)
 *
 * @example
 * const { stepSize, tailSteps } = planOneCycle({ epochs: 20, numSamples: 50_000, batchSize: 512 });
 * [stepSize, tailSteps]; // [853, 254]
 * @throws RangeError if an option is out of range, or unless exactly one of `epochs` and `totalSteps` is given.
 * @see domluna, SuperConvergence: notes on 1cycle; `oneCycle` and {@link stepSizeBounds} for their sources.
 */
export function planOneCycle(options: PlanOneCycleOptions): OneCyclePlan {
  const perEpoch = stepsPerEpoch(options);
  const totalSteps = totalStepsOf(options, perEpoch);
  const cycleShare = requireCycleShare('planOneCycle: cycleShare', options.cycleShare);
  const stepSize = halfCycle(totalSteps, cycleShare);
  const plan = {
    totalSteps,
    stepsPerEpoch: perEpoch,
    stepSize,
    cycleSteps: 2 * stepSize,
    tailSteps: totalSteps - 2 * stepSize,
    epochs: totalSteps / perEpoch,
  };
  return { ...plan, notes: notesOn(plan, options) };
}

function totalStepsOf({ epochs, totalSteps }: PlanOneCycleOptions, perEpoch: number): number {
  const either = (epochs === undefined) !== (totalSteps === undefined);
  requireThat(either, 'planOneCycle: epochs', epochs, 'given, or totalSteps, and not both');
  if (epochs === undefined) return requireCount('planOneCycle: totalSteps', totalSteps);
  const steps = Math.max(1, Math.round(requirePositive('planOneCycle: epochs', epochs) * perEpoch));
  return requireCount('planOneCycle: epochs · steps per epoch', steps);
}

function notesOn(plan: Omit<OneCyclePlan, 'notes'>, options: StepsPerEpochOptions): string[] {
  const { minimum, maximum } = stepSizeBounds(plan);
  const { stepSize, tailSteps } = plan;
  const short = options.numSamples % options.batchSize;
  const notes: string[] = [];
  if (stepSize === 0) notes.push('A run of one update has no room for a cycle.');
  else if (stepSize < minimum || stepSize > maximum) {
    const side = stepSize < minimum ? 'below' : 'above';
    notes.push(
      `The step size, ${stepSize}, is ${side} the ${minimum} to ${maximum} updates (2 to 10 epochs) advised.`,
    );
  }
  if (tailSteps === 0) notes.push('The cycle takes the whole run: there is no tail.');
  if (short > 0) {
    const fate = options.dropLast === true ? 'are left out' : 'make a short batch';
    notes.push(`The last ${short} samples of an epoch ${fate}, as ${options.batchSize} is the batch size.`);
  }
  return notes;
}
