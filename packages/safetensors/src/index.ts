export { decodeSafeTensors } from './decode-safe-tensors.ts';
export { encodeSafeTensors } from './encode-safe-tensors.ts';
export { SafeTensorsError, type SafeTensorsErrorCode } from './errors.ts';
export { onlyFloat32 } from './only-float32.ts';
export type { HostTensor, NamedTensors, SafeTensors, TensorValues } from './safe-tensors.ts';
