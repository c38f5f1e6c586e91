import { caffeSpecs } from './caffe/specs.ts';
import { requireThat, show } from './checks.ts';
import { combinatorSpecs } from './combinators/specs.ts';
import { coreSpecs } from './core-specs.ts';
import { fastaiSpecs } from './fastai/specs.ts';
import { kerasSpecs } from './keras/specs.ts';
import type { OneCycle, OneCycleSpec } from './one-cycle.ts';
import { optaxSpecs } from './optax/specs.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';
import { pairType, scheduleSpec, type JsonSchema, type SpecType } from './spec-type.ts';
import { torchSpecs } from './torch/specs.ts';

/** Every `type` that a specification may have. */
export const specTypes: Readonly<Record<string, SpecType>> = {
  ...caffeSpecs,
  ...combinatorSpecs,
  ...coreSpecs,
  ...fastaiSpecs,
  ...kerasSpecs,
  ...optaxSpecs,
  ...torchSpecs,
};

/**
 * Makes a schedule again from its `spec`, as written to JSON and read back.
 *
 * @example
 * const schedule = linear({ from: 0, to: 1, steps: 4 });
 * fromSpec(JSON.parse(JSON.stringify(schedule.spec)))(1); // 0.25
 * @returns A schedule; for the specification of a {@link oneCycle}, the pair of them.
 * @throws TypeError if it, or a part that has to be one, is not an object; RangeError if a type or a property is
 * unknown, a value out of range, or schedules are nested more than 100 deep.
 */
export function fromSpec(spec: OneCycleSpec): OneCycle;
export function fromSpec(spec: ScheduleSpec): Schedule;
export function fromSpec(spec: ScheduleSpec | OneCycleSpec): Schedule | OneCycle {
  return checkSpec(spec).create(spec);
}

/** As deep as schedules may be nested: beyond any use, and far from the end of the stack. */
const maxDepth = 100;

/**
 * Finds what is misspelt, here and in the schedules inside: nothing else checks what comes from JSON, and an optional
 * property of another name would be ignored in silence. Ranges are left to the functions.
 */
function checkSpec(spec: unknown, path = '', depth = 0): SpecType {
  const name = path === '' ? 'fromSpec' : `fromSpec: ${path}`;
  requireThat(depth <= maxDepth, `${name}: depth`, depth, `at most ${maxDepth} schedules in schedules`);
  const { type, ...given } = requireObject(`${name}: spec`, spec);
  const types = Object.keys(specTypes).filter((known) => known !== pairType || depth === 0);
  requireThat(types.includes(type as string), `${name}: type`, type, `one of ${types.join(', ')}`);
  const found = specTypes[type as string] as SpecType;
  checkProperties(`${name}: property of ${show(type)}`, found.properties, given, path, depth);
  return found;
}

function checkProperties(
  name: string,
  properties: SpecType['properties'],
  value: unknown,
  path: string,
  depth: number,
): void {
  const given = requireObject(`fromSpec: ${path}`, value);
  const known = Object.keys(properties).map((key) => key.replace('?', ''));
  for (const key of Object.keys(given)) {
    requireThat(known.includes(key), name, key, `one of ${known.join(', ')}`);
  }
  for (const [key, schema] of Object.entries(properties)) {
    const at = key.replace('?', '');
    if (given[at] === undefined && key !== at) continue;
    checkInside(schema, given[at], path === '' ? at : `${path}.${at}`, depth);
  }
}

/** Goes on to specifications, lists and objects inside of a specification. */
function checkInside(schema: JsonSchema, value: unknown, path: string, depth: number): void {
  const { $ref, items, properties, type } = schema as NestedSchema;
  if (value === null && schema.default === null) return;
  if ($ref === scheduleSpec.$ref) checkSpec(value, path, depth + 1);
  if (properties) checkProperties(`fromSpec: property of ${path}`, properties, value, path, depth);
  if (type !== 'array') return;
  const list = requireThat(Array.isArray(value), `fromSpec: ${path}`, value, 'a list') as readonly unknown[];
  list.forEach((item, index) => {
    checkInside(items ?? {}, item, `${path}[${index}]`, depth);
  });
}

type NestedSchema = {
  readonly $ref?: unknown;
  readonly type?: unknown;
  readonly items?: JsonSchema;
  readonly properties?: SpecType['properties'];
};

function requireObject(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw new TypeError(`${name} must be an object, got ${show(value)}`);
}
