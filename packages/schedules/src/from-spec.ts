import { requireThat, show } from './checks.ts';
import { combinatorSpecs } from './combinators/specs.ts';
import { coreSpecs } from './core-specs.ts';
import type { OneCycle, OneCycleSpec } from './one-cycle.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';
import { pairType, scheduleSpec, type JsonSchema, type SpecType, type SpecTypes } from './spec-type.ts';

/** The types of specifications that `fromSpec` reads by itself. */
const ownSpecs: SpecTypes = { ...coreSpecs, ...combinatorSpecs };

/**
 * Makes a schedule again from its `spec`, as written to JSON and read back.
 *
 * Specifications of a library's schedules, also inside of others, are read with the library's table, so that a program
 * without them need not carry them: `fromSpec(spec, torchSpecs)` with `torchSpecs` from
 * `@superconvergence/schedules/torch`; `allSpecs` from `@superconvergence/schedules/schema` has every type.
 *
 * @example
 * const schedule = linear({ from: 0, to: 1, steps: 4 });
 * fromSpec(JSON.parse(JSON.stringify(schedule.spec)))(1); // 0.25
 * @returns A schedule; for the specification of a {@link oneCycle}, the pair of them.
 * @throws TypeError if it, or a part that has to be one, is not an object; RangeError if a type or a property is
 * unknown, a value out of range, or schedules are nested more than 100 deep.
 */
export function fromSpec(spec: ScheduleSpec, library?: SpecTypes): Schedule;
export function fromSpec(spec: OneCycleSpec): OneCycle;
export function fromSpec(spec: ScheduleSpec | OneCycleSpec, library?: SpecTypes): Schedule | OneCycle;
export function fromSpec(spec: ScheduleSpec | OneCycleSpec, library?: SpecTypes): Schedule | OneCycle {
  const types = { ...ownSpecs, ...library };
  checkSpec(types, spec);
  // Whatever is inside was found to be a schedule's, not a pair's.
  const read = (spec: ScheduleSpec): Schedule => make(types, spec, read) as Schedule;
  return make(types, spec, read);
}

function make(
  types: SpecTypes,
  spec: ScheduleSpec | OneCycleSpec,
  read: (spec: ScheduleSpec) => Schedule,
): Schedule | OneCycle {
  return (types[spec.type] as SpecType).create(spec, read);
}

/** As deep as schedules may be nested: beyond any use, and far from the end of the stack. */
const maxDepth = 100;

/**
 * Finds what is misspelt, here and in the schedules inside: nothing else checks what comes from JSON, and an optional
 * property of another name would be ignored in silence. Ranges are left to the functions.
 */
function checkSpec(types: SpecTypes, spec: unknown, path = '', depth = 0): void {
  const name = path === '' ? 'fromSpec' : `fromSpec: ${path}`;
  requireThat(depth <= maxDepth, `${name}: depth`, depth, `at most ${maxDepth} schedules in schedules`);
  const type: unknown = requireObject(`${name}: spec`, spec).type;
  const known = Object.keys(types).filter((type) => type !== pairType || depth === 0);
  const allowed = `one of ${known.join(', ')}, or of the library that is given as well`;
  requireThat(known.includes(type as string), `${name}: type`, type, allowed);
  const properties = { type: {}, ...types[type as string]?.properties };
  checkProperties(types, properties, spec, { name: `${name}: property of ${show(type)}`, path, depth });
}

/** Where a value stands in a specification. */
type Place = { readonly name: string; readonly path: string; readonly depth: number };

function checkProperties(
  types: SpecTypes,
  properties: SpecType['properties'],
  value: unknown,
  { name, path, depth }: Place,
): void {
  const given = requireObject(`fromSpec: ${path}`, value);
  const known = Object.keys(properties).map((key) => key.replace('?', ''));
  for (const key of Object.keys(given)) {
    requireThat(known.includes(key), name, key, `one of ${known.join(', ')}`);
  }
  for (const [key, schema] of Object.entries(properties)) {
    const at = key.replace('?', '');
    if (given[at] === undefined && key !== at) continue;
    checkInside(types, schema, given[at], { name, path: path === '' ? at : `${path}.${at}`, depth });
  }
}

/** Goes on to specifications, lists and objects inside of a specification. */
function checkInside(types: SpecTypes, schema: JsonSchema, value: unknown, { path, depth }: Place): void {
  const { $ref, items, properties, type } = schema as NestedSchema;
  const name = `fromSpec: property of ${path}`;
  if (value === null && schema.default === null) return;
  if ($ref === scheduleSpec.$ref) checkSpec(types, value, path, depth + 1);
  if (properties) checkProperties(types, properties, value, { name, path, depth });
  if (type !== 'array') return;
  const list = requireThat(Array.isArray(value), `fromSpec: ${path}`, value, 'a list') as readonly unknown[];
  list.forEach((item, index) => {
    checkInside(types, items ?? {}, item, { name, path: `${path}[${index}]`, depth });
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
