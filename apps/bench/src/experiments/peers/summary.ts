import type { ContenderName } from './contenders.ts';
import type { ContenderProcess } from './contender-process.ts';
import type { DoneEvent, RoundEvent } from './protocol.ts';

/** A contender's measurements on one model. */
export interface ContenderResult {
  readonly contender: ContenderName;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: string;
  /** Of each timed round. */
  readonly roundImagesPerSecond: readonly number[];
  /** Their median. */
  readonly imagesPerSecond: number;
  /** 2 × multiply-accumulates of convolutions and dense layers: forward, weight gradients, input gradients. */
  readonly gflopsPerSecond: number;
  /** From the start of the process. */
  readonly secondsToFirstStep: number;
  /** Without the start of the process and the import of the framework. */
  readonly secondsFirstStep: number;
  readonly peakRssBytes: number;
  /** Before the first and the second update; the same for every contender. */
  readonly losses: readonly [number, number];
}

/** A contender that could not be measured. */
export interface FailedContender {
  readonly contender: ContenderName;
  readonly reason: string;
}

/** What `bench peers` found on one model; stored in its `run.json`. */
export interface PeersResult {
  readonly model: string;
  readonly batchSize: number;
  /** Trainable ones, of every contender. */
  readonly parameters: number;
  /** Multiply-accumulates of one image's training step. */
  readonly multiplyAccumulatesPerImage: number;
  /** The best float32 matrix product 4096³ before and after the rounds. */
  readonly matmulGflopsPerSecond: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly load: LoadNote;
  readonly contenders: readonly ContenderResult[];
  readonly failed: readonly FailedContender[];
}

/** How busy the machine was. */
export interface LoadNote {
  /** Load averages of 1, 5 and 15 minutes. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Cores that other processes used: the median over the rounds. */
  readonly otherCores: number;
  readonly cores: number;
}

/** A timed round and what other processes used of the machine meanwhile. */
export interface TimedRound extends RoundEvent {
  readonly otherCores: number;
}

export interface Measurements {
  readonly contender: ContenderName;
  readonly process: Pick<ContenderProcess, 'ready' | 'secondsToFirstStep'>;
  readonly losses: readonly [number, number];
  readonly rounds: readonly RoundEvent[];
  readonly done: DoneEvent;
}

/** One contender's row from its rounds. */
export function summariseContender(
  { contender, process: { ready, secondsToFirstStep }, losses, rounds, done }: Measurements,
  work: { readonly batchSize: number; readonly multiplyAccumulatesPerImage: number },
): ContenderResult {
  const roundImagesPerSecond = rounds.map(({ steps, seconds }) => (steps * work.batchSize) / seconds);
  const imagesPerSecond = median(roundImagesPerSecond);
  return {
    contender,
    versions: ready.versions,
    settings: ready.settings,
    roundImagesPerSecond,
    imagesPerSecond,
    gflopsPerSecond: (2 * work.multiplyAccumulatesPerImage * imagesPerSecond) / 1e9,
    secondsToFirstStep,
    secondsFirstStep: ready.secondsFirstStep,
    peakRssBytes: done.peakRssBytes,
    losses,
  };
}

/** The middle value, or the mean of the two middle ones; `NaN` for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  return (low + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
