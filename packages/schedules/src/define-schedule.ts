import { requireThat } from './checks.ts';
import { resolveOptions, type Properties } from './resolve-options.ts';
import { createSchedule, type Schedule, type ScheduleSpec } from './schedule.ts';

/** A closed form. */
export type Evaluate = (step: number) => number;

/** What the functions return that leave momentum alone. */
export type RateOnly = { readonly learningRate: Schedule };

/** Two schedules that belong together. */
export type RateAndMomentum = RateOnly & { readonly momentum: Schedule };

type WithOutput = { readonly of: keyof RateAndMomentum };

/** Makes the function from options to a schedule: it checks them, fills in defaults, and has the closed form made. */
/* @__NO_SIDE_EFFECTS__ */
export function defineSchedule<Spec extends ScheduleSpec>(
  type: Spec['type'],
  properties: Properties,
  evaluateFor: (spec: Spec) => Evaluate,
): (options?: object) => Schedule {
  return (options = {}) => {
    const spec = resolveOptions<Spec>(type, properties, options);
    return fromZeroOn(spec, evaluateFor(spec));
  };
}

/** {@link defineSchedule} for a library whose functions may also have a momentum. */
/* @__NO_SIDE_EFFECTS__ */
export function defineRate<Spec extends ScheduleSpec>(
  type: Spec['type'],
  properties: Properties,
  evaluateFor: (spec: Spec) => Evaluate,
): (options?: object) => RateOnly {
  const learningRate = defineSchedule(type, properties, evaluateFor);
  return (options) => ({ learningRate: learningRate(options) });
}

/** {@link defineSchedule} for a function of two schedules, told apart by `of` in their specifications. */
/* @__NO_SIDE_EFFECTS__ */
export function definePair<Spec extends ScheduleSpec & WithOutput>(
  type: Spec['type'],
  properties: Properties,
  evaluateFor: (spec: Spec) => Evaluate,
): (options?: object) => RateAndMomentum {
  return (options = {}) => {
    const resolved = resolveOptions<Spec>(type, properties, options);
    const make = (of: keyof RateAndMomentum): Schedule => {
      const spec = { ...resolved, of };
      return fromZeroOn(spec, evaluateFor(spec));
    };
    return { learningRate: make('learningRate'), momentum: make('momentum') };
  };
}

/**
 * A schedule of a closed form that need not know of negative steps, nor of those beyond all counting, nor of options so
 * large or small that a value overflows: it ends at the largest number, and where nothing can be said it throws.
 */
export function fromZeroOn(spec: ScheduleSpec | (() => ScheduleSpec), evaluate: Evaluate): Schedule {
  return createSchedule(spec, (step) => {
    const value = evaluate(Math.min(Math.max(step, 0), Number.MAX_SAFE_INTEGER));
    if (value <= Number.MAX_VALUE) return value;
    requireThat(
      value === Infinity,
      `value at step ${step}`,
      value,
      'a number: options are too large or too small',
    );
    return Number.MAX_VALUE;
  });
}
