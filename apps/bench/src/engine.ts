import { describeEngine, loadEngine } from '@superconvergence/engine';
import { showDownload, type Progress } from './progress.ts';

/** The engine as every result records it. */
export interface EngineSummary {
  readonly native: boolean;
  /** Its version; `none` for plain JavaScript. */
  readonly tensorflow: string;
  readonly device: string;
  readonly threads: number;
  /** Parts that a batch is split into and computed side by side. */
  readonly towers: number;
  readonly precision: 'float32';
}

/** Loads TensorFlow, installing it on first use, and says what runs. */
export async function startEngine(progress: Progress): Promise<EngineSummary> {
  await loadEngine({
    onProgress: ({ message, bytes, totalBytes }) => {
      showDownload(progress, message, bytes, totalBytes);
    },
  });
  progress.clear();
  const { native, tensorflow, device, gpu, threads } = describeEngine();
  return {
    native,
    tensorflow: tensorflow ?? 'none',
    device: gpu?.name ?? device,
    threads,
    towers: 1,
    precision: 'float32',
  };
}
