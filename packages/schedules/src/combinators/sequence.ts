import { requireCount, requireThat } from '../checks.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from '../schedule.ts';
import { requireSchedule } from './require-schedule.ts';

/** One part of a {@link sequence}. */
export type SequencePart = {
  readonly schedule: Schedule;
  /** Updates that it is used for, an integer of at least 1; the last part may do without. */
  readonly steps?: number;
};

/** A {@link sequence} as JSON. */
export type SequenceSpec = {
  readonly type: 'sequence';
  readonly parts: readonly { readonly schedule: ScheduleSpec; readonly steps?: number }[];
};

/**
 * One schedule after the other; each begins at its own step 0.
 *
 * An update at a boundary already uses the next part. After the `steps` of the last part, its value at `steps`
 * holds; without them it goes on.
 *
 * @example
 * const warmUp = { schedule: linear({ from: 0, to: 1, steps: 4 }), steps: 4 };
 * sequence([warmUp, { schedule: exponential({ from: 1, to: 0.01, steps: 10 }) }])(9); // 0.1
 * @throws TypeError if a part's schedule is none; RangeError without a part, or without the steps of one.
 * @see optax `join_schedules` and torch `SequentialLR`, whose parts count their steps in the same way.
 */
export function sequence(parts: readonly SequencePart[]): Schedule {
  requireThat(Array.isArray(parts) && parts.length > 0, 'sequence: parts', parts, 'a list of one or more');
  let start = 0;
  const placed = parts.map(({ schedule, steps }, index) => {
    const name = `sequence: parts[${index}]`;
    requireSchedule(`${name}.schedule`, schedule);
    if (steps !== undefined || index < parts.length - 1) requireCount(`${name}.steps`, steps as number);
    const part = { schedule, start, steps, end: steps ?? Infinity };
    start += steps ?? 0;
    return part;
  });
  const spec = (): SequenceSpec => ({
    type: 'sequence',
    parts: Object.freeze(
      placed.map(({ schedule: { spec: schedule }, steps }) =>
        Object.freeze(steps === undefined ? { schedule } : { schedule, steps }),
      ),
    ),
  });
  return createSchedule(spec, (step) => {
    let index = placed.length - 1;
    let part = placed[index] as (typeof placed)[number];
    while (index > 0 && step < part.start) part = placed[--index] as typeof part;
    return part.schedule(Math.min(Math.max(step - part.start, 0), part.end));
  });
}
