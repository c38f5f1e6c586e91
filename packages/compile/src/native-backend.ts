import * as tf from '@tensorflow/tfjs';

/** An attribute as tfjs-node's kernels give it; `type` is a number of the binding. */
export interface BackendAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What tfjs-node keeps of a tensor's data: values not yet given to TensorFlow, or the number of TensorFlow's tensor. */
export interface TensorData {
  readonly shape: number[];
  readonly dtype: number;
  values: unknown;
  id: number;
  refCount: number;
}

/** The parts of tfjs-node's backend that recording and lazy values hook into. */
export interface NativeBackend {
  readonly binding: Record<string, number>;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    has(dataId: object): boolean;
    get(dataId: object): TensorData;
    set(dataId: object, data: TensorData): void;
  };
  executeSingleOutput(name: string, attributes: BackendAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: BackendAttribute[],
    inputs: tf.Tensor[],
    numOutputs: number,
  ): tf.Tensor[];
  getInputTensorIds(inputs: tf.Tensor[]): number[];
  readSync(dataId: object): tf.TypedArray;
  read(dataId: object): Promise<tf.TypedArray>;
  refCount(dataId: object): number;
}

/** tfjs-node's backend where it is the current one. */
export function nativeBackend(): NativeBackend | undefined {
  const backend: object = tf.backend();
  return 'executeSingleOutput' in backend && 'tensorMap' in backend ? (backend as NativeBackend) : undefined;
}

/** TensorFlow's numbers of the data types that tfjs knows. */
export const dataTypes = { float32: 1, int32: 3, bool: 10, complex64: 8, string: 7 } as const;

/** As what tfjs sees a type of TensorFlow's: all integers as int32, as tfjs-node does. */
export function tfjsDataType(dtype: number): tf.DataType | undefined {
  switch (dtype) {
    case 1:
      return 'float32';
    case 3:
    case 4:
    case 9:
      return 'int32';
    case 8:
      return 'complex64';
    case 10:
      return 'bool';
    default:
      return undefined;
  }
}
