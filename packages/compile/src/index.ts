export {
  compile,
  type Compiled,
  type CompileOptions,
  type Disposable,
  type SavedModelSource,
} from './compile.ts';
export { computeToo } from './compute-too.ts';
export { CompileError, type CompileErrorCode } from './errors.ts';
export { onDevice } from './on-device.ts';
export type { Precision } from './lower-precision.ts';
export type { TensorFunction } from './trace.ts';
