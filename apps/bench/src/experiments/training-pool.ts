import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { EngineSummary } from '../engine.ts';
import { BenchError } from '../errors.ts';
import { Interrupted, type MessageToWorker } from '../interruption.ts';
import { formatSeconds, type Progress } from '../progress.ts';
import { openExistingRun, openRun, type LogEntry, type RunDirectory } from '../run-directory.ts';
import { type TrainConfig } from './train-config.ts';
import { trainResultSchema, type TrainResult } from './training-run.ts';

/** What a run of the pool is asked of its process, and what it answers. */
export type MessageToTrainer =
  | MessageToWorker
  | { readonly type: 'train'; readonly results: string; readonly experiment: string; readonly run: string };
export type MessageFromTrainer =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'trained' }
  | { readonly type: 'failed'; readonly reason: string; readonly isExplained: boolean };

/** A finished run with its log. */
export interface TrainedRun {
  readonly config: TrainConfig;
  readonly result: TrainResult;
  readonly log: readonly LogEntry[];
}

export interface ExperimentContext {
  readonly results: string;
  readonly engine: EngineSummary;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Do finished runs again. */
  readonly fresh: boolean;
}

/**
 * Does independent training runs side by side, each in a process with its share of the cores: small nets use one core
 * each far better than one net uses all of them (1.5 times the images a second with `resnet-8` on two cores). A GPU
 * gets one run at a time. Finished runs are not done again.
 *
 * @returns the runs in the order of `configs`
 * @throws Interrupted after the signal, with a checkpoint of each run in progress
 */
export async function trainAll(
  experiment: string,
  configs: readonly TrainConfig[],
  context: ExperimentContext,
): Promise<TrainedRun[]> {
  const { results, engine, fresh } = context;
  const share = shareOfMachine(engine, configs.length);
  // Not what was tuned: that was measured with the whole machine for one process.
  const shared = { ...engine, threads: share.threads, interOpThreads: share.threads, towers: 1 };
  const directories = configs.map((config) =>
    openRun({ results, experiment, config, engine: shared }, { fresh }),
  );
  const unfinished = directories.filter(({ record }) => record.finishedAt === undefined);
  await trainUnfinished(unfinished, share, context);
  return directories.map(({ record: { run } }, i) => {
    const { record, readLog } = openExistingRun(results, experiment, run);
    return {
      config: configs[i] as TrainConfig,
      result: trainResultSchema.parse(record.result),
      log: readLog(),
    };
  });
}

interface Share {
  readonly jobs: number;
  readonly threads: number;
}

function shareOfMachine(engine: EngineSummary, numRuns: number): Share {
  const cores = availableParallelism();
  if (engine.device !== 'cpu') return { jobs: 1, threads: cores };
  const jobs = Math.max(1, Math.min(cores, numRuns));
  return { jobs, threads: Math.floor(cores / jobs) };
}

async function trainUnfinished(
  directories: readonly RunDirectory[],
  { jobs, threads }: Share,
  context: ExperimentContext,
): Promise<void> {
  const queue = [...directories];
  const numRuns = directories.length;
  let numDone = 0;
  const lines: string[] = [];
  const show = () => {
    context.progress.update([`${numDone}/${numRuns} runs done`, ...lines.filter(Boolean)].join('  |  '));
  };
  const workers: ChildProcess[] = [];
  const stop = () => {
    for (const worker of workers)
      if (worker.connected) worker.send({ type: 'stop' } satisfies MessageToTrainer);
  };
  context.signal.addEventListener('abort', stop);
  try {
    await Promise.all(
      Array.from({ length: Math.min(jobs, queue.length) }, async (_, slot) => {
        const worker = startWorker(threads);
        workers.push(worker);
        for (let directory = queue.shift(); directory; directory = queue.shift()) {
          if (context.signal.aborted) throw new Interrupted();
          await trainInWorker(worker, directory, context, (text) => {
            lines[slot] = text;
            show();
          });
          numDone += 1;
          context.progress.note(summarise(context.results, directory));
        }
        lines[slot] = '';
        worker.disconnect();
      }),
    );
  } finally {
    context.signal.removeEventListener('abort', stop);
    // After a failure of one, the others must not go on unseen.
    for (const worker of workers) if (worker.connected) worker.disconnect();
    context.progress.clear();
  }
}

function startWorker(threads: number): ChildProcess {
  return fork(fileURLToPath(new URL('training-worker.ts', import.meta.url)), {
    env: {
      ...process.env,
      TF_NUM_INTRAOP_THREADS: String(threads),
      TF_NUM_INTEROP_THREADS: String(threads),
      OMP_NUM_THREADS: String(threads),
    },
  });
}

function trainInWorker(
  worker: ChildProcess,
  { record: { experiment, run } }: RunDirectory,
  { results, signal }: ExperimentContext,
  onProgress: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: MessageFromTrainer) => {
      if (message.type === 'progress') {
        onProgress(message.text);
        return;
      }
      finish();
      if (message.type === 'trained') resolve();
      else
        reject(
          message.isExplained ? new BenchError('training-failed', message.reason) : new Error(message.reason),
        );
    };
    const onExit = (code: number | null, endedBy: string | null) => {
      finish();
      reject(
        signal.aborted
          ? new Interrupted()
          : new Error(`a training process ended unexpectedly (${endedBy ?? `exit code ${code}`})`),
      );
    };
    const finish = () => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
    };
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.send({ type: 'train', results, experiment, run } satisfies MessageToTrainer);
  });
}

function summarise(results: string, { record: { experiment, run } }: RunDirectory): string {
  const { record } = openExistingRun(results, experiment, run);
  const { schedule, maxLearningRate, seed } = record.config;
  const { testAccuracy, validationAccuracy, seconds, reason } = trainResultSchema.parse(record.result);
  const percent = (name: string, value: number | null) =>
    value === null ? [] : [`${name} ${(100 * value).toFixed(2)} %`];
  return [
    `${String(schedule)} rate ${String(maxLearningRate)} seed ${String(seed)}: ${reason}`,
    ...percent('validation', validationAccuracy),
    ...percent('test', testAccuracy),
    formatSeconds(seconds),
  ].join(', ');
}
