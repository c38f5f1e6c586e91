import { requireThat, show } from './checks.ts';
import { constant } from './constant.ts';
import { exponential } from './exponential.ts';
import { linear } from './linear.ts';
import { multiStep } from './multi-step.ts';
import { oneCycle, type OneCycle, type OneCycleSpec } from './one-cycle.ts';
import { piecewise } from './piecewise.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';
import { triangular } from './triangular.ts';

/** Every property that a specification of each type may have, beside `type`. */
const properties: Record<(ScheduleSpec | OneCycleSpec)['type'], readonly string[]> = {
  constant: ['value'],
  exponential: ['from', 'to', 'steps'],
  linear: ['from', 'to', 'steps'],
  multiStep: ['initial', 'factor', 'milestones'],
  oneCycle: [
    'totalSteps',
    'maxLearningRate',
    'minLearningRate',
    'finalLearningRate',
    'cycleShare',
    'maxMomentum',
    'minMomentum',
  ],
  piecewise: ['knots', 'interpolation'],
  triangular: ['minimum', 'maximum', 'stepSize', 'cycles'],
};

/**
 * Makes a schedule again from its `spec`, as written to JSON and read back.
 *
 * @example
 * const schedule = linear({ from: 0, to: 1, steps: 4 });
 * fromSpec(JSON.parse(JSON.stringify(schedule.spec)))(1); // 0.25
 * @returns A schedule; for the specification of a {@link oneCycle}, the pair of them.
 * @throws TypeError if it is not an object; RangeError if its type or a property is unknown, or a value out of range.
 */
export function fromSpec(spec: OneCycleSpec): OneCycle;
export function fromSpec(spec: ScheduleSpec): Schedule;
export function fromSpec(spec: ScheduleSpec | OneCycleSpec): Schedule | OneCycle {
  check(spec);
  switch (spec.type) {
    case 'constant':
      return constant(spec);
    case 'exponential':
      return exponential(spec);
    case 'linear':
      return linear(spec);
    case 'multiStep':
      return multiStep(spec);
    case 'oneCycle':
      return oneCycle(spec);
    case 'piecewise':
      return piecewise(spec);
    case 'triangular':
      return triangular(spec);
  }
}

/** A misspelt optional property would otherwise be ignored in silence: nothing else checks what comes from JSON. */
function check(spec: unknown): void {
  if (typeof spec !== 'object' || spec === null) {
    throw new TypeError(`fromSpec: spec must be an object, got ${show(spec)}`);
  }
  const type: unknown = 'type' in spec ? spec.type : undefined;
  const known = Object.entries(properties).find(([name]) => name === type)?.[1] ?? [];
  requireThat(known.length > 0, 'fromSpec: type', type, `one of ${Object.keys(properties).join(', ')}`);
  for (const name of Object.keys(spec)) {
    requireThat(
      name === 'type' || known.includes(name),
      `fromSpec: property of ${show(type)}`,
      name,
      `one of ${known.join(', ')}`,
    );
  }
}
