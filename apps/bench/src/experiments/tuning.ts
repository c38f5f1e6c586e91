import { availableParallelism, cpus } from 'node:os';
import type { ModelName } from '@superconvergence/models';
import type { EngineSummary } from '../engine.ts';
import { BenchError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { median } from './peers/summary.ts';
import { startTuner, type TunerProcess } from './tuner-process.ts';
import { candidatesFor, chooseUse, describeUse, type Candidate, type Measured } from './tuning-choice.ts';
import { storeChoice, tuningKey } from './tuning-store.ts';

export interface TuningOptions {
  readonly model: ModelName;
  readonly batchSize: number;
  /** How long a round lasts at least, for each candidate. */
  readonly secondsPerRound: number;
  /** Whether more than one tower may be chosen. */
  readonly allowTowers: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A candidate's row. */
export interface TuningRow extends Candidate {
  /** The median of the rounds. */
  readonly imagesPerSecond: number;
  /** Of each round, in their order. */
  readonly roundImagesPerSecond: readonly number[];
}

/** What `bench tune` found for one model, the default first among its candidates. */
export interface TuningResult {
  readonly model: string;
  readonly batchSize: number;
  readonly cpu: string;
  readonly cores: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly candidates: readonly TuningRow[];
  readonly chosen: TuningRow;
  /** Of the default's process. */
  readonly engine: EngineSummary;
}

/** An odd number, so that the median is one of them. */
const rounds = 5;

/**
 * Trains one model in every way that there is to choose from, each in a process of its own, round by round in turn, and
 * stores the choice.
 *
 * @throws Interrupted after the signal; nothing is stored then
 */
export async function tune(options: TuningOptions): Promise<TuningResult> {
  const { model, batchSize, secondsPerRound, allowTowers, progress } = options;
  const cores = availableParallelism();
  const candidates = candidatesFor(cores, batchSize);
  progress.note(
    `${model}, batch ${batchSize}: ${candidates.length} ways, ${rounds} rounds of ${secondsPerRound} s each`,
  );
  const { measured, engine } = await measureInTurns(candidates, options);
  const rows = measured.map((each) => toRow(each, batchSize));
  const chosen = rows[measured.indexOf(chooseUse(measured, { allowTowers }))] as TuningRow;
  store({ model, batchSize, chosen, usual: rows[0] as TuningRow }, progress);
  return {
    ...{ model, batchSize, cores, rounds, secondsPerRound, chosen, engine },
    cpu: cpus()[0]?.model ?? 'unknown',
    candidates: rows,
  };
}

/** Interleaved: what slows the machine for a while slows every candidate. */
async function measureInTurns(
  candidates: readonly Candidate[],
  { model, batchSize, secondsPerRound, progress, signal }: TuningOptions,
): Promise<{ measured: Measured[]; engine: EngineSummary }> {
  const measured = candidates.map((candidate) => ({ candidate, roundSeconds: [] as number[] }));
  const alive = new Map<Candidate, TunerProcess>();
  let engine: EngineSummary | undefined;
  let mayStay = false;
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const { candidate, roundSeconds } of measured) {
        progress.update(`${model}  round ${round}/${rounds}  ${describeUse(candidate)}`);
        const started =
          alive.get(candidate) ?? (await startTuner({ model, batchSize, use: candidate }, signal));
        alive.set(candidate, started);
        if (engine === undefined) {
          engine = started.ready.engine;
          requireNative(engine);
          mayStay = fits(started.ready.peakRssBytes, candidates.length);
        }
        const { seconds, steps } = await started.measure(secondsPerRound);
        roundSeconds.push(seconds / steps);
        if (mayStay) continue;
        await started.end();
        alive.delete(candidate);
      }
    }
  } finally {
    await Promise.all([...alive.values()].map((each) => each.end()));
    progress.clear();
  }
  return { measured, engine: engine as EngineSummary };
}

/** Whether the processes of all candidates can stay between their rounds; two towers take a little more. */
function fits(peakRssBytes: number, numProcesses: number): boolean {
  return 1.2 * peakRssBytes * (numProcesses - 1) < process.availableMemory();
}

function requireNative({ native }: EngineSummary): void {
  if (native) return;
  throw new BenchError(
    'training-failed',
    'There is no native TensorFlow here, so there are no threads to choose. bench doctor says what is missing.',
  );
}

function toRow({ candidate, roundSeconds }: Measured, batchSize: number): TuningRow {
  return {
    ...candidate,
    imagesPerSecond: batchSize / median(roundSeconds),
    roundImagesPerSecond: roundSeconds.map((seconds) => batchSize / seconds),
  };
}

function store(
  found: { model: string; batchSize: number; chosen: TuningRow; usual: TuningRow },
  progress: Progress,
): void {
  const { model, batchSize, chosen, usual } = found;
  const key = tuningKey(model, batchSize);
  if (key === undefined) {
    progress.note(
      `${model}: this TensorFlow was not installed by the engine, so that the choice is not stored`,
    );
    return;
  }
  const { intraOpThreads, interOpThreads, towers, imagesPerSecond } = chosen;
  storeChoice(
    {
      ...key,
      ...{ intraOpThreads, interOpThreads, towers, imagesPerSecond },
      defaultImagesPerSecond: usual.imagesPerSecond,
      measuredAt: new Date().toISOString(),
    },
    progress,
  );
}
