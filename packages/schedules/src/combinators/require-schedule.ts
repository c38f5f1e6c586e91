import { show } from '../checks.ts';
import type { Schedule } from '../schedule.ts';

/** Returns `value`, or throws a `TypeError` that says how a bare function becomes a schedule. */
export function requireSchedule(name: string, value: Schedule): Schedule {
  // A bare function would look right until its `spec` is read.
  if (typeof value === 'function' && 'spec' in value) return value;
  const hint = typeof value === 'function' ? 'a bare function: wrap it with fromFunction' : show(value);
  throw new TypeError(`${name} must be a schedule, got ${hint}`);
}
