import { requireCount, requireThat } from '../checks.ts';
import type { Schedule, ScheduleSpec } from '../schedule.ts';
import { combine } from './combine.ts';

/** Options of {@link extendTo}. */
export type ExtendToOptions = {
  /** Updates that the schedule was made for; an integer of at least 1. */
  readonly totalSteps: number;
  /** Updates that the run shall have now; an integer greater than `step`, also fewer than `totalSteps`. */
  readonly newTotalSteps: number;
  /** Updates already done; an integer from 0 to less than `totalSteps`. */
  readonly step: number;
};

/** An {@link extendTo} schedule as JSON. */
export type ExtendToSpec = ExtendToOptions & { readonly type: 'extendTo'; readonly schedule: ScheduleSpec };

/**
 * Prolongs, or shortens, a run that is under way: what was used stays, what is left of the schedule is stretched
 * over the updates that are left now.
 *
 * Up to `step` it is `schedule` itself. From there, `n` updates done,
 * `schedule(step + (n - step)·(totalSteps - step) / (newTotalSteps - step))`: no jump at `step`, and the end of the
 * schedule is the end of the run. After that `schedule(totalSteps)` holds.
 *
 * There are two other ways, and which one is right is for the run to say. `stretch(schedule, newTotalSteps /
 * totalSteps)` is the schedule that a run of the new length would have had from its start: the value jumps where the
 * run is resumed. The schedule as it is holds its last value in the updates that are added, often a rate of 0.
 *
 * @example
 * const planned = linear({ from: 1, to: 0, steps: 8 });
 * const prolonged = extendTo(planned, { totalSteps: 8, newTotalSteps: 16, step: 4 });
 * [4, 10, 16].map(prolonged); // [0.5, 0.25, 0]
 * @throws TypeError if `schedule` is none; RangeError if an option is out of range.
 */
export function extendTo(schedule: Schedule, options: ExtendToOptions): Schedule {
  const totalSteps = requireCount('extendTo: totalSteps', options.totalSteps);
  const newTotalSteps = requireCount('extendTo: newTotalSteps', options.newTotalSteps);
  const done = Number.isSafeInteger(options.step) && options.step >= 0 && options.step < totalSteps;
  const allowed = `an integer ≥ 0 and less than totalSteps, ${totalSteps}`;
  const from = requireThat(done, 'extendTo: step', options.step, allowed) + 0; // + 0 makes 0 of −0
  requireThat(newTotalSteps > from, 'extendTo: newTotalSteps', newTotalSteps, `greater than step, ${from}`);
  const [planned, left] = [totalSteps - from, newTotalSteps - from];
  const rest = { type: 'extendTo', totalSteps, newTotalSteps, step: from } as const;
  return combine<ExtendToSpec>(schedule, rest, (step) => {
    if (step <= from) return schedule(step);
    return schedule(step < newTotalSteps ? from + ((step - from) * planned) / left : totalSteps);
  });
}
