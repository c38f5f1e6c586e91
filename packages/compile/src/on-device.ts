let current: string | undefined;

/**
 * Runs `fn`, and has what a compiled function records in it computed on one device of TensorFlow: `/device:GPU:1`,
 * `/device:CPU:0`. Where that device isn't there, TensorFlow chooses another. Does nothing outside a compiled function.
 *
 * @example
 * const parts = devices.map((device, i) => onDevice(device, () => lossAndGradients(batch[i])));
 */
export function onDevice<T>(device: string | undefined, fn: () => T): T {
  const outer = current;
  current = device;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** The device that was asked for. */
export function currentDevice(): string | undefined {
  return current;
}
