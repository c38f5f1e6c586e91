import { requireWithin } from './checks.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Options of {@link constant}. */
export type ConstantOptions = {
  /** At least 0. */
  readonly value: number;
};

/** A {@link constant} schedule as JSON. */
export type ConstantSpec = ConstantOptions & { readonly type: 'constant' };

/**
 * The same value at every step.
 *
 * @example
 * constant({ value: 0.1 })(1_000_000); // 0.1
 * @throws RangeError if the value is negative or not finite.
 */
export function constant(options: ConstantOptions): Schedule {
  const value = requireWithin('constant: value', options.value);
  return createSchedule({ type: 'constant', value }, () => value);
}
