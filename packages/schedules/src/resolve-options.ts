import { requireThat } from './checks.ts';
import type { JsonSchema } from './spec-type.ts';

/** The options of a schedule as `SpecType` has them: one that may be left out ends in `?`. */
export type Properties = Readonly<Record<string, JsonSchema>>;

/** What {@link resolveOptions} reads of a schema. */
type Checked = {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
};

/** A schema for an option that may be left out. */
export function withDefault(schema: JsonSchema, value: unknown): JsonSchema {
  return { ...schema, default: value };
}

/**
 * Makes a specification of options: those that `properties` names, in its order, with its defaults. Each is checked
 * against its schema, so that a schedule's types, ranges and defaults stand in one place. An object is left to the
 * caller, and `null` is allowed where it is the default.
 *
 * @throws RangeError that names the option, its value and what is allowed.
 */
export function resolveOptions<Spec extends { readonly type: string }>(
  type: Spec['type'],
  properties: Properties,
  options: object,
): Spec {
  const given = options as Readonly<Record<string, unknown>>;
  const spec: Record<string, unknown> = { type };
  for (const [key, schema] of Object.entries(properties)) {
    const name = key.replace('?', '');
    const value = given[name] === undefined ? schema.default : given[name];
    spec[name] = requireMatch(`${type.replace(/.*\./, '')}: ${name}`, schema, value);
  }
  return spec as unknown as Spec;
}

function requireMatch(name: string, schema: Checked, value: unknown): unknown {
  const { type, enum: values, items, minimum, exclusiveMinimum, maximum } = schema;
  if (type === 'object' || (value === null && schema.default === null)) return value;
  if (values) return requireThat(values.includes(value), name, value, `one of ${values.join(', ')}`);
  if (type === 'boolean') return requireThat(typeof value === 'boolean', name, value, 'true or false');
  if (type === 'array') {
    const list = requireThat(Array.isArray(value), name, value, 'a list') as readonly unknown[];
    return Object.freeze(list.map((item, index) => requireMatch(`${name}[${index}]`, items ?? {}, item)));
  }
  const whole = type === 'integer';
  const ok = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  const number = value as number;
  const above = number > (exclusiveMinimum ?? -Infinity) && number >= (minimum ?? -Infinity);
  const bounds = [
    minimum !== undefined && ` ≥ ${minimum}`,
    exclusiveMinimum !== undefined && ` > ${exclusiveMinimum}`,
    maximum !== undefined && ` ≤ ${maximum}`,
  ].filter(Boolean);
  const allowed = (whole ? 'an integer' : 'a finite number') + bounds.join(' and');
  // + 0 because JSON makes 0 of −0.
  return requireThat(ok && above && number <= (maximum ?? Infinity), name, number, allowed) + 0;
}
