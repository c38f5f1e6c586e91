import { availableParallelism } from 'node:os';
import { describeEngine, loadEngine } from '@superconvergence/engine';
import { showDownload, type Progress } from './progress.ts';

/** The engine as every result records it. */
export interface EngineSummary {
  readonly native: boolean;
  /** Its version; `none` for plain JavaScript. */
  readonly tensorflow: string;
  readonly device: string;
  /** Within one operation. */
  readonly threads: number;
  /** Operations at a time. */
  readonly interOpThreads: number;
  /** Parts that a batch is split into and computed side by side. */
  readonly towers: number;
  readonly precision: 'float32';
}

/** How training uses the machine: what `bench tune` chooses. What is left out is as `defaultThreads` has it. */
export interface MachineUse {
  /** Threads within one operation. */
  readonly intraOpThreads?: number | undefined;
  /** Operations at a time. */
  readonly interOpThreads?: number | undefined;
  readonly towers: number;
}

/** The use where nothing was tuned. */
export const defaultUse: MachineUse = { towers: 1 };

/** Whether the user's environment says how many threads there are. */
export const areThreadsGiven: boolean = [
  process.env.TF_NUM_INTRAOP_THREADS,
  process.env.TF_NUM_INTEROP_THREADS,
].some(Boolean);

/** As the user's environment says, else as many of either kind as the process may use cores. */
const defaultThreads: Threads = processThreads();

interface Threads {
  readonly intraOpThreads: number;
  readonly interOpThreads: number;
}

/**
 * Loads TensorFlow, installing it on first use, and says what runs.
 *
 * @param use its threads count at the first call of a process: TensorFlow makes its thread pools once
 */
export async function startEngine(progress: Progress, use: MachineUse = defaultUse): Promise<EngineSummary> {
  // In the environment, where evaluations and what isn't compiled find them too; the default as well, so that a result's
  // threads are those that it names.
  const { intraOpThreads, interOpThreads } = threadsOf(use);
  process.env.TF_NUM_INTRAOP_THREADS = String(intraOpThreads);
  process.env.TF_NUM_INTEROP_THREADS = String(interOpThreads);
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
    interOpThreads: native ? interOpThreads : 1,
    towers: use.towers,
    precision: 'float32',
  };
}

/** The same engine for work that uses the machine in another way than the process. */
export function engineWith(engine: EngineSummary, use: MachineUse): EngineSummary {
  const { intraOpThreads, interOpThreads } = threadsOf(use);
  return engine.native
    ? { ...engine, threads: intraOpThreads, interOpThreads, towers: use.towers }
    : { ...engine, towers: use.towers };
}

/** Of every session of this process that doesn't ask for others. */
export function processThreads(): Threads {
  const { TF_NUM_INTRAOP_THREADS: intra, TF_NUM_INTEROP_THREADS: inter } = process.env;
  return {
    intraOpThreads: Number(intra) || availableParallelism(),
    interOpThreads: Number(inter) || availableParallelism(),
  };
}

function threadsOf({ intraOpThreads, interOpThreads }: MachineUse): Threads {
  return {
    intraOpThreads: intraOpThreads ?? defaultThreads.intraOpThreads,
    interOpThreads: interOpThreads ?? defaultThreads.interOpThreads,
  };
}
