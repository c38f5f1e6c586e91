import { defineSchedule } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';
import { nonNegative } from '../spec-type.ts';
import type { Properties } from '../resolve-options.ts';

/** Options of {@link constantSchedule}. */
export type ConstantScheduleOptions = {
  /** At least 0. */
  readonly value: number;
};

/** A {@link constantSchedule} as JSON. */
export type ConstantScheduleSpec = ConstantScheduleOptions & { readonly type: 'optax.constantSchedule' };

export const constantProperties: Properties = { value: nonNegative };

/**
 * The same value at every step.
 *
 * @example
 * constantSchedule({ value: 0.1 })(1_000); // 0.1
 * @throws RangeError if the value is out of range.
 * @see optax 0.2.8, `constant_schedule`.
 */
export const constantSchedule: (options: ConstantScheduleOptions) => Schedule =
  defineSchedule<ConstantScheduleSpec>(
    'optax.constantSchedule',
    constantProperties,
    ({ value }) =>
      () =>
        value,
  );
