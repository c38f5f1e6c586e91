import type { MessageInitShape } from '@bufbuild/protobuf';
import type { NativeAttribute, NativeTensor } from '@superconvergence/engine';
import type { AttrValueSchema, TensorProtoSchema, TensorShapeProtoSchema } from './protobuf-tensorflow.ts';

type AttrValue = MessageInitShape<typeof AttrValueSchema>;
type ListValue = Extract<NonNullable<AttrValue['value']>, { case: 'list' }>['value'];

/** An attribute of an operation as TensorFlow's message. */
export function attributeMessage(attribute: NativeAttribute): AttrValue {
  switch (attribute.type) {
    case 'shape':
      return { value: { case: 'shape', value: shapeMessage(attribute.value) } };
    case 'tensor':
      return { value: { case: 'tensor', value: tensorMessage(attribute.value) } };
    default: {
      const { value } = attribute;
      if (isList(value)) return { value: { case: 'list', value: listMessage(attribute.type, value) } };
      return { value: scalarMessage(attribute.type, value) };
    }
  }
}

/** A shape as TensorFlow's message; `null` for an unknown rank, -1 for an unknown size. */
export function shapeMessage(
  shape: readonly number[] | null,
): MessageInitShape<typeof TensorShapeProtoSchema> {
  if (shape === null) return { unknownRank: true };
  return { dim: shape.map((size) => ({ size: BigInt(size) })) };
}

/** A tensor as TensorFlow's message, with a copy of its data. */
export function tensorMessage({
  dtype,
  shape,
  data,
}: NativeTensor): MessageInitShape<typeof TensorProtoSchema> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return { dtype, tensorShape: shapeMessage(shape), tensorContent: bytes };
}

type Scalar = boolean | number | string;
type ScalarKind = 'bool' | 'int' | 'float' | 'string' | 'type';

function isList(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}

function scalarMessage(kind: ScalarKind, value: Scalar): NonNullable<AttrValue['value']> {
  switch (kind) {
    case 'bool':
      return { case: 'b', value: value as boolean };
    case 'int':
      return { case: 'i', value: BigInt(value) };
    case 'float':
      return { case: 'f', value: value as number };
    case 'string':
      return { case: 's', value: new TextEncoder().encode(value as string) };
    case 'type':
      return { case: 'type', value: value as number };
  }
}

function listMessage(kind: ScalarKind, values: readonly Scalar[]): ListValue {
  switch (kind) {
    case 'bool':
      return { b: [...(values as readonly boolean[])] };
    case 'int':
      return { i: values.map((value) => BigInt(value as number)) };
    case 'float':
      return { f: [...(values as readonly number[])] };
    case 'string':
      return { s: values.map((value) => new TextEncoder().encode(value as string)) };
    case 'type':
      return { type: [...(values as readonly number[])] };
  }
}
