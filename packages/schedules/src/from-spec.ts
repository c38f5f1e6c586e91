import { requireThat, show } from './checks.ts';
import { coreSpecs } from './core-specs.ts';
import type { OneCycle, OneCycleSpec } from './one-cycle.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';
import type { SpecType } from './spec-type.ts';

/** Every `type` that a specification may have. */
export const specTypes: Readonly<Record<string, SpecType>> = { ...coreSpecs };

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
  return typeOf(spec).create(spec);
}

/** A misspelt optional property would otherwise be ignored in silence: nothing else checks what comes from JSON. */
function typeOf(spec: unknown): SpecType {
  if (typeof spec !== 'object' || spec === null) {
    throw new TypeError(`fromSpec: spec must be an object, got ${show(spec)}`);
  }
  const type: unknown = 'type' in spec ? spec.type : undefined;
  const found = Object.entries(specTypes).find(([name]) => name === type)?.[1];
  requireThat(found !== undefined, 'fromSpec: type', type, `one of ${Object.keys(specTypes).join(', ')}`);
  const known = Object.keys(found?.properties ?? {}).map((name) => name.replace('?', ''));
  for (const name of Object.keys(spec)) {
    requireThat(
      name === 'type' || known.includes(name),
      `fromSpec: property of ${show(type)}`,
      name,
      `one of ${known.join(', ')}`,
    );
  }
  return found as SpecType;
}
