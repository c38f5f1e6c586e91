/** The values of a tensor: floating-point numbers as float32, integers as they are, booleans as 0 and 1. */
export type TensorValues =
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** A tensor on the host, row by row; float32 where nothing else is said. */
export interface HostTensor<Values extends TensorValues = Float32Array> {
  /** Sizes of the axes; `[]` for a scalar. */
  readonly shape: readonly number[];
  readonly values: Values;
}

export type NamedTensors<Values extends TensorValues = Float32Array> = Record<string, HostTensor<Values>>;

/** Tensors with their metadata, as a safetensors file holds them. */
export interface SafeTensors<Values extends TensorValues = TensorValues> {
  readonly tensors: NamedTensors<Values>;
  readonly metadata: Record<string, string>;
}
