import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ModelName } from '@superconvergence/models';
import type { EngineSummary } from '../engine.ts';
import { BenchError } from '../errors.ts';
import { Interrupted, type MessageToWorker } from '../interruption.ts';
import type { Candidate } from './tuning-choice.ts';

/** What a process of `bench tune` trains, and how. */
export interface TunerTask {
  readonly model: ModelName;
  readonly batchSize: number;
  readonly use: Candidate;
}

/** What it is asked, and what it answers; `ready` comes unasked, after its first steps. */
export type MessageToTuner = MessageToWorker | { readonly type: 'measure'; readonly seconds: number };
export type MessageFromTuner =
  | { readonly type: 'ready'; readonly engine: EngineSummary; readonly peakRssBytes: number }
  | { readonly type: 'round'; readonly steps: number; readonly seconds: number }
  | { readonly type: 'failed'; readonly reason: string; readonly isExplained: boolean };

type Answer<T extends MessageFromTuner['type']> = Extract<MessageFromTuner, { type: T }>;

/** A process that has made its first steps; idle unless it measures. */
export interface TunerProcess {
  readonly ready: Answer<'ready'>;
  /** Whole training steps for at least so long; at least one. */
  measure(seconds: number): Promise<Answer<'round'>>;
  /** Ends it, and waits until its memory is free. */
  end(): Promise<void>;
}

/**
 * Starts a process of its own for one way to train, since TensorFlow makes its thread pools once in a process.
 *
 * @throws Interrupted after `signal`, which ends the process at once
 * @throws BenchError `training-failed` when the process ends by itself
 */
export async function startTuner(task: TunerTask, signal: AbortSignal): Promise<TunerProcess> {
  if (signal.aborted) throw new Interrupted();
  const child = fork(fileURLToPath(new URL('tuning-worker.ts', import.meta.url)), [JSON.stringify(task)], {
    // Standard output carries the command's result alone.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const exited = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => {
      resolve(message);
    });
    child.once('exit', (code, endedBy) => {
      resolve(endedBy ?? `exit code ${code}`);
    });
  });
  const next = async <T extends MessageFromTuner['type']>(type: T): Promise<Answer<T>> => {
    const message = await new Promise<MessageFromTuner>((resolve, reject) => {
      child.once('message', (value) => {
        resolve(value as MessageFromTuner);
      });
      void exited.then((how) => {
        reject(signal.aborted ? new Interrupted() : endedBy(task, how));
      });
    });
    if (message.type === type) return message as Answer<T>;
    kill();
    const reason = message.type === 'failed' ? message.reason : `a tuning process said ${message.type}`;
    const isExplained = message.type === 'failed' && message.isExplained;
    throw isExplained ? new BenchError('training-failed', reason) : new Error(reason);
  };
  const end = async () => {
    kill();
    await exited;
    signal.removeEventListener('abort', kill);
  };
  try {
    const ready = await next('ready');
    return {
      ready,
      measure(seconds) {
        const answer = next('round');
        child.send({ type: 'measure', seconds } satisfies MessageToTuner);
        return answer;
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function endedBy({ model, batchSize }: TunerTask, how: string): BenchError {
  return new BenchError(
    'training-failed',
    `Training ${model} with batches of ${batchSize} was ended by ${how}. With too little memory a smaller --batch may do.`,
  );
}
