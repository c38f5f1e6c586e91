import { requireWithin, show } from '../checks.ts';
import { createSchedule, type Schedule } from '../schedule.ts';
import { requireSchedule } from './require-schedule.ts';

/**
 * A schedule that is a function of your own.
 *
 * The function has to be pure, and to answer any finite step: before the first and after the last too. It has no
 * specification, because JSON has no functions.
 *
 * @example
 * fromFunction((step) => 1 / Math.sqrt(Math.max(step, 1)))(4); // 0.5
 * @throws TypeError if `evaluate` is no function, and where `spec` is read; RangeError, when it is evaluated, if a
 * value is negative or not a finite number.
 */
export function fromFunction(evaluate: (step: number) => number): Schedule {
  return ofFunction('fromFunction', evaluate, evaluate);
}

/**
 * `transform(schedule(step))`, with a function of your own.
 *
 * It has no specification, because JSON has no functions: prefer {@link scale} and {@link clamp} where they will do.
 *
 * @example
 * map(linear({ from: 0, to: 1, steps: 4 }), Math.sqrt)(1); // 0.5
 * @throws TypeError if `schedule` or `transform` is none, and where `spec` is read; RangeError, when it is
 * evaluated, if a value is negative or not a finite number.
 */
export function map(schedule: Schedule, transform: (value: number) => number): Schedule {
  requireSchedule('map: schedule', schedule);
  return ofFunction('map', transform, (step) => transform(schedule(step)));
}

function ofFunction(name: string, given: unknown, evaluate: (step: number) => number): Schedule {
  if (typeof given !== 'function') throw new TypeError(`${name} needs a function, got ${show(given)}`);
  const spec = (): never => {
    const instead = 'scale, clamp, shift, stretch, repeat, perEpoch, sequence or piecewise';
    throw new TypeError(`${name}: spec: JSON has no functions; make the schedule of ${instead} instead`);
  };
  return createSchedule(spec, (step) => requireValue(name, step, evaluate(step)));
}

function requireValue(name: string, step: number, value: number): number {
  // The name of the value is only put together where it is needed: this runs in every evaluation.
  if (value >= 0 && value < Infinity) return value + 0; // + 0 makes 0 of −0
  return requireWithin(`${name}: value at step ${step}`, value);
}
