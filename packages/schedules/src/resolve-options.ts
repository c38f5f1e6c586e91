import { requireThat } from './checks.ts';
import type { JsonSchema } from './spec-type.ts';

/** The options of a schedule as `SpecType` has them: one that may be left out ends in `?`. */
export type Properties = Readonly<Record<string, JsonSchema>>;

/** What {@link resolveOptions} reads of a schema. */
type Checked = {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Properties;
  readonly additionalProperties?: JsonSchema;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
};

/** A schema for an option that may be left out. */
/* @__NO_SIDE_EFFECTS__ */
export function withDefault(schema: JsonSchema, value: unknown): JsonSchema {
  return { ...schema, default: value };
}

/**
 * Makes a specification of options: those that `properties` names, in its order, with its defaults. Each is checked
 * against its schema, so that a schedule's types, ranges and defaults stand in one place; `null` is allowed where it is
 * the default.
 *
 * @throws RangeError that names the option, its value and what is allowed.
 */
export function resolveOptions<Spec extends { readonly type: string }>(
  type: Spec['type'],
  properties: Properties,
  options: object,
): Spec {
  return { type, ...requireAll(`${type.replace(/.*\./, '')}: `, properties, options) } as unknown as Spec;
}

function requireAll(prefix: string, properties: Properties, options: object): object {
  const given = options as Readonly<Record<string, unknown>>;
  const checked = Object.entries(properties).map(([key, schema]) => {
    const name = key.replace('?', '');
    const value = given[name] === undefined ? schema.default : given[name];
    return [name, requireMatch(prefix + name, schema, value)] as const;
  });
  return Object.fromEntries(checked);
}

function requireMatch(name: string, schema: Checked, value: unknown): unknown {
  const { type, enum: values, items, minimum, exclusiveMinimum, maximum } = schema;
  if (value === null && schema.default === null) return value;
  if (type === 'object') {
    const object = requireThat(
      typeof value === 'object' && value !== null,
      name,
      value,
      'an object',
    ) as object;
    // An object of named properties, or one of any whose values are all alike.
    const properties = schema.properties ?? sameForAll(object, schema.additionalProperties);
    return Object.freeze(requireAll(`${name}.`, properties, object));
  }
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

function sameForAll(object: object, schema: JsonSchema = {}): Properties {
  return Object.fromEntries(Object.keys(object).map((name) => [name, schema]));
}
