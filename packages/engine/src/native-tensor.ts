/**
 * TensorFlow's number of a data type (tensorflow/c/tf_datatype.h): 1 float32, 2 float64, 3 int32, 4 uint8, 8 complex64,
 * 9 int64, 10 bool, 14 bfloat16, 17 uint16, 19 float16 have typed arrays; others only name types in attributes.
 */
export type NativeDataType = number;

/** Values on their way into a native graph or out of it. */
export interface NativeTensor {
  dtype: NativeDataType;
  /** Sizes, none negative; `[]` for a single value. */
  shape: readonly number[];
  /**
   * Row-major, as many elements as the shape says: Uint16Array holds the bits of float16 (19) and bfloat16 (14),
   * Uint8Array bool and uint8, Float32Array also complex64 (8), real and imaginary parts in turn, twice as many.
   */
  data: Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array | Uint16Array;
}
