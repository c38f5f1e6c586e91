/** Loads TensorFlow.js on native TensorFlow. */
export async function loadEngine(): Promise<typeof import('@tensorflow/tfjs')> {
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = (await import('node:util')).default as object;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const module = (await import('@tensorflow/tfjs-node-gpu')) as unknown as {
    default: typeof import('@tensorflow/tfjs');
  };
  return module.default;
}
