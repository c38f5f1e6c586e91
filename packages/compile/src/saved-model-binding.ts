import type { NativeDataType, NativeTensor } from '@superconvergence/engine';
import type { BackendAttribute, NativeBackend } from './native-backend.ts';

/** A tensor that the binding of tfjs-node keeps, by its number. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: NativeDataType;
}

/** The functions of tfjs-node's native binding, TF_ATTR_ constants aside. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: NativeDataType, data: NativeTensor['data']): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): NativeTensor['data'];
  executeOp(
    type: string,
    attributes: readonly BackendAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): TensorHandle[];
  /** @param tags joined by commas, as all the names below */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(model: number): void;
  runSavedModel(model: number, inputs: readonly number[], feeds: string, fetches: string): TensorHandle[];
}

/** The binding of tfjs-node's backend. */
export function bindingOf({ binding }: NativeBackend): Binding {
  return binding as unknown as Binding;
}

/** Runs an operation with one output and attributes that are data types. */
export function execute(
  { binding }: NativeBackend,
  type: string,
  inputs: readonly number[],
  types: Readonly<Record<string, NativeDataType>>,
): number {
  const { TF_ATTR_TYPE } = binding;
  const attributes = Object.entries(types).map(([name, value]) => ({
    name,
    type: TF_ATTR_TYPE as number,
    value,
  }));
  const [output] = (binding as unknown as Binding).executeOp(type, attributes, inputs, 1);
  return (output as TensorHandle).id;
}

/** Gives data to TensorFlow; the result is the tensor's number, whoever asks deletes it. */
export function upload(backend: NativeBackend, { dtype, shape, data }: NativeTensor): number {
  const binding = bindingOf(backend);
  if (dtype !== 8) return binding.createTensor(shape, dtype, dtype === 9 ? asPairs(data) : data);
  const part = (offset: number) =>
    binding.createTensor(
      shape,
      1,
      (data as Float32Array).filter((_, i) => i % 2 === offset),
    );
  const parts = [part(0), part(1)];
  const id = execute(backend, 'Complex', parts, { T: 1, Tout: 8 });
  for (const each of parts) binding.deleteTensor(each);
  return id;
}

/**
 * The same in memory of TensorFlow's own. A tensor of the binding shares the memory of the typed array, and where a
 * variable keeps it, TensorFlow would write into the array and let go of it on a thread that isn't Node's.
 */
export function uploadCopy(backend: NativeBackend, tensor: NativeTensor): number {
  const shared = upload(backend, tensor);
  const copy = execute(backend, 'DeepCopy', [shared], { T: tensor.dtype });
  bindingOf(backend).deleteTensor(shared);
  return copy;
}

/** The data of a tensor, which is deleted. */
export function download(backend: NativeBackend, { id, dtype, shape }: TensorHandle): NativeTensor {
  const binding = bindingOf(backend);
  // Other data types the binding can't read.
  if ([1, 3, 8, 9, 10].includes(dtype)) {
    const data = binding.tensorDataSync(id);
    binding.deleteTensor(id);
    return { dtype, shape, data };
  }
  const wider = [4, 5, 6, 17].includes(dtype) ? 3 : 1;
  const cast = execute(backend, 'Cast', [id], { SrcT: dtype, DstT: wider });
  binding.deleteTensor(id);
  return download(backend, { id: cast, dtype: wider, shape });
}

/** 64-bit integers as the binding takes them, pairs of 32 bits. */
function asPairs({ buffer, byteOffset, byteLength }: NativeTensor['data']): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

/** What the binding threw, in TensorFlow's words alone. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const own =
    /^(?:Invalid TF_Status: \d+\s+Message: |Session fail to run with error: |Failed to load SavedModel: )/;
  return message.replace(own, '').trim().replace(/\.$/, '');
}
