import { existsSync } from 'node:fs';

/** Which TensorFlow: `cpu` or `gpu`; `auto` is `gpu` where an NVIDIA driver is present. */
export type DeviceChoice = 'auto' | 'cpu' | 'gpu';

/**
 * Settles which TensorFlow to use: the argument, else the SUPERCONVERGENCE_DEVICE environment variable, else `auto`.
 *
 * @throws {RangeError} for a word that is none of `auto`, `cpu`, `gpu`
 */
export function chooseDevice(device?: DeviceChoice): 'cpu' | 'gpu' {
  const fromEnvironment = process.env.SUPERCONVERGENCE_DEVICE;
  const choice: string = device ?? (fromEnvironment === '' ? undefined : fromEnvironment) ?? 'auto';
  if (choice === 'auto') return hasNvidiaDriver() ? 'gpu' : 'cpu';
  if (choice === 'cpu' || choice === 'gpu') return choice;
  const name = device === undefined ? 'SUPERCONVERGENCE_DEVICE' : 'device';
  throw new RangeError(`${name} is '${choice}'; it must be 'auto', 'cpu' or 'gpu'.`);
}

/** True where the kernel has an NVIDIA driver loaded (also inside a container that is given one, and in WSL 2). */
export function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/nvidia0', '/usr/lib/wsl/lib/libcuda.so.1'].some((path) =>
    existsSync(path),
  );
}
