import { allSpecs } from './all-specs.ts';
import { objectOf, pairType, scheduleSpec, type JsonSchema } from './spec-type.ts';

export { allSpecs };

/**
 * JSON Schema (draft 2020-12) of every specification, those of all libraries among them.
 *
 * It knows types, names and ranges. That a minimum is not above its maximum, or steps are in order, only `fromSpec`
 * finds. A single schedule is `#/$defs/schedule`; the pair of `oneCycle` is allowed at the top only.
 *
 * @example
 * import { Ajv2020 } from 'ajv/dist/2020.js';
 * new Ajv2020().compile(scheduleSchema)({ type: 'constant', value: 1 }); // true
 * @see https://json-schema.org/draft/2020-12
 */
export const scheduleSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A learning-rate schedule',
  anyOf: [scheduleSpec, ...schemasOf((type) => type === pairType)],
  $defs: { schedule: { anyOf: schemasOf((type) => type !== pairType) } },
};

function schemasOf(wanted: (type: string) => boolean): JsonSchema[] {
  return Object.entries(allSpecs)
    .filter(([type]) => wanted(type))
    .map(([type, { properties }]) => objectOf({ type: { const: type }, ...properties }));
}
