import type { OneCycle } from './one-cycle.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';

/** A part of a JSON Schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How the specifications of one `type` are read. */
export interface SpecType {
  /** Makes the schedule, `read` those inside of it, or throws a `RangeError` if a value is out of range. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a specification that was checked for its `type`
  readonly create: (spec: any, read: (spec: ScheduleSpec) => Schedule) => Schedule | OneCycle;
  /** Every property beside `type`; the name of one that may be left out ends in `?`. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** Kinds of specifications by their `type`. */
export type SpecTypes = Readonly<Record<string, SpecType>>;

export const number: JsonSchema = { type: 'number' };
export const nonNegative: JsonSchema = { type: 'number', minimum: 0 };
export const positive: JsonSchema = { type: 'number', exclusiveMinimum: 0 };
export const integer: JsonSchema = { type: 'integer' };
/** An integer of at least 1. */
export const count: JsonSchema = { type: 'integer', minimum: 1 };
export const boolean: JsonSchema = { type: 'boolean' };
/** The one type that stands for two schedules; it can't be inside of another. */
export const pairType = 'oneCycle';
/** The specification of a schedule inside another one. */
export const scheduleSpec: JsonSchema = { $ref: '#/$defs/schedule' };

export function oneOf(values: readonly string[]): JsonSchema {
  return { enum: values };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** An object of nothing but `properties`; the name of one that may be left out ends in `?`. */
export function objectOf(properties: SpecType['properties']): JsonSchema {
  const entries = Object.entries(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [
        name.replace('?', ''),
        schema.default === null ? orNull(schema) : schema,
      ]),
    ),
    required: entries.flatMap(([name]) => (name.endsWith('?') ? [] : [name])),
    additionalProperties: false,
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
