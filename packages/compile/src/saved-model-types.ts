import type { NativeAttribute, NativeDataType } from '@superconvergence/engine';
import { opTypeAttributes } from './op-type-attributes.ts';

type Attributes = Readonly<Record<string, NativeAttribute>>;

/** What the types of its inputs say about an operation. */
export interface CompletedTypes {
  /** Those given, and those that follow from the inputs: types and lengths of lists. */
  readonly attributes: Attributes;
  readonly outputTypes: readonly NativeDataType[];
}

/**
 * Fills in the attributes that a graph needs and tfjs-node leaves to TensorFlow's eager mode.
 *
 * @throws {RangeError} for an operation that tfjs-node's kernels don't use, or with the wrong number of inputs
 */
export function completeTypes(
  type: string,
  inputTypes: readonly NativeDataType[],
  given: Attributes,
): CompletedTypes {
  const types = Object.hasOwn(opTypeAttributes, type) ? opTypeAttributes[type] : undefined;
  if (types === undefined) {
    throw new RangeError(`the operation ${type} is not among those that stock tfjs-node's kernels use`);
  }
  const [inputs, outputs, defaults = {}] = types;
  const attributes: Record<string, NativeAttribute> = {};
  const set = (name: number | string | undefined, attribute: NativeAttribute) => {
    if (typeof name === 'string') attributes[name] ??= attribute;
  };
  for (const [name, value] of Object.entries(defaults)) attributes[name] = { type: 'type', value };
  Object.assign(attributes, given);
  let position = 0;
  for (const [i, input] of inputs.entries()) {
    const { count, kind } = splitKind(input);
    const isList = count !== undefined;
    const rest = inputTypes.length - position - (inputs.length - 1 - i);
    const number = isList ? (lengthOf(attributes, count) ?? rest) : 1;
    const members = inputTypes.slice(position, position + number);
    position += number;
    if (count === '') set(kind, { type: 'type', value: members });
    else if (members[0] !== undefined) set(kind, { type: 'type', value: members[0] });
    if (isList && count !== '') set(count, { type: 'int', value: number });
  }
  if (position !== inputTypes.length) {
    throw new RangeError(`${type} has been given ${inputTypes.length} inputs, but takes ${position}`);
  }
  return { attributes, outputTypes: outputs.flatMap((output) => outputTypesOf(output, attributes)) };
}

function outputTypesOf(output: number | string, attributes: Attributes): NativeDataType[] {
  const { count, kind } = splitKind(output);
  const types = typeof kind === 'number' ? kind : attributes[kind]?.value;
  if (Array.isArray(types)) return types as number[];
  const number = count === undefined ? 1 : (lengthOf(attributes, count) ?? 0);
  return Array.from({ length: number }, () => types as number);
}

/** `N*T` → N and T, `*T` → '' and T, `T` → T alone. */
function splitKind(kind: number | string): { count?: string; kind: number | string } {
  if (typeof kind === 'number' || !kind.includes('*')) return { kind };
  const [count = '', name = ''] = kind.split('*');
  return { count, kind: /^\d+$/.test(name) ? Number(name) : name };
}

function lengthOf(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name]?.value;
  return typeof value === 'number' ? value : undefined;
}
