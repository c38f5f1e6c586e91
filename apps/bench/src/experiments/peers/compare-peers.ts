import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelName } from '@superconvergence/models';
import { BenchError } from '../../errors.ts';
import type { Progress } from '../../progress.ts';
import type { RunDirectory } from '../../run-directory.ts';
import { ContenderFailure, startContender, type ContenderProcess } from './contender-process.ts';
import { commandLineOf, contenders, type ContenderName } from './contenders.ts';
import { measureMatmulPeak } from './matmul-peak.ts';
import { writeStartFile, type ModelWork } from './start-file.ts';
import {
  median,
  summariseContender,
  type ContenderResult,
  type FailedContender,
  type PeersResult,
  type TimedRound,
} from './summary.ts';

/** What decides a comparison, beside the machine. */
export interface PeersConfig {
  readonly model: ModelName;
  readonly batchSize: number;
  readonly contenders: readonly ContenderName[];
  /** Timed rounds, after an untimed one. */
  readonly rounds: number;
  readonly secondsPerRound: number;
}

export interface PeersContext {
  /** Of the environment with PyTorch and TensorFlow; not used when no contender is in Python. */
  readonly python: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** An untimed round is long enough for caches, thread pools and the processor's clock. */
const warmUpSeconds = 2;

/** Float32 sums in another order differ by less, another network or update rule by more. */
const lossTolerance = 2e-3;

interface Entrant {
  readonly contender: ContenderName;
  readonly process: ContenderProcess;
  readonly losses: readonly [number, number];
  readonly rounds: TimedRound[];
}

/**
 * Trains one model in every contender, each in a process of its own, round by round in turn, and stores what came out
 * in `directory`. All start from the same weights and see the same batch.
 *
 * @throws {BenchError} `peers-differ` when parameters or losses show that a contender trains something else;
 * `peers-unavailable` when none can be measured
 */
export async function comparePeers(
  directory: RunDirectory,
  config: PeersConfig,
  context: PeersContext,
): Promise<PeersResult> {
  const { model, batchSize, rounds, secondsPerRound } = config;
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  const startFile = join(folder, 'start.safetensors');
  const removeFolder = () => {
    // A compiler that torch started may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', removeFolder);
  const failed: FailedContender[] = [];
  const entrants: Entrant[] = [];
  try {
    const work = await writeStartFile(startFile, config);
    const before = loadavg();
    await startAll({ ...context, startFile, config, work, entrants, failed });
    if (entrants.length === 0) throw noneLeft(failed);
    const peakBefore = await measureMatmulPeak(context.signal);
    await runRounds(entrants, { directory, config, context, failed });
    const measured = await finishAll(entrants, { batchSize, ...work });
    if (measured.length === 0) throw noneLeft(failed);
    const result: PeersResult = {
      model,
      batchSize,
      ...work,
      matmulGflopsPerSecond: Math.max(peakBefore, await measureMatmulPeak(context.signal)),
      rounds,
      secondsPerRound,
      load: {
        before,
        after: loadavg(),
        otherCores: median(entrants.flatMap((entrant) => entrant.rounds.map(({ otherCores }) => otherCores))),
        cores: availableParallelism(),
      },
      contenders: measured,
      failed,
    };
    directory.finish(result);
    return result;
  } finally {
    for (const entrant of entrants) entrant.process.kill();
    context.progress.clear();
    removeFolder();
    process.off('exit', removeFolder);
  }
}

interface Starting extends PeersContext {
  readonly config: PeersConfig;
  readonly startFile: string;
  readonly work: ModelWork;
  readonly entrants: Entrant[];
  readonly failed: FailedContender[];
}

/** One after the other, so that none disturbs another's time to the first step. */
async function startAll({
  config,
  startFile,
  python,
  work,
  entrants,
  failed,
  ...context
}: Starting): Promise<void> {
  const { model } = config;
  const { progress, signal } = context;
  for (const contender of config.contenders) {
    progress.note(`${model}: ${contenders[contender].label}: building and first step`);
    await unlessItFails({ contender, failed, signal }, async () => {
      const commandLine = commandLineOf(contender, { model, startFile, python });
      const process = await startContender(commandLine, signal, dirname(startFile));
      const second = await process.run(0);
      const losses = [process.ready.loss ?? NaN, second.loss ?? NaN] as const;
      entrants.push({ contender, process, losses, rounds: [] });
      checkEquality(entrants, model, work);
    });
  }
}

/** The latest entrant must train what packages/models and the first entrant do. */
function checkEquality(entrants: readonly Entrant[], model: ModelName, work: ModelWork): void {
  const [first] = entrants;
  const latest = entrants.at(-1);
  if (!first || !latest) return;
  const { label } = contenders[latest.contender];
  const { parameters } = latest.process.ready;
  if (parameters !== work.parameters) {
    throw new BenchError(
      'peers-differ',
      `${label} has ${parameters} trainable parameters for ${model}, packages/models ${work.parameters}: it trains another network.`,
    );
  }
  const differs = latest.losses.some((loss, i) => {
    const reference = first.losses[i] ?? NaN;
    return !(Math.abs(loss - reference) <= lossTolerance * Math.abs(reference));
  });
  if (differs) {
    throw new BenchError(
      'peers-differ',
      `${label} finds the losses ${latest.losses.join(', ')} on ${model}, ${contenders[first.contender].label} ${first.losses.join(', ')}: it trains something else.`,
    );
  }
}

interface Rounds {
  readonly directory: RunDirectory;
  readonly config: PeersConfig;
  readonly context: PeersContext;
  readonly failed: FailedContender[];
}

/** Interleaved: what slows the machine for a while slows every contender. */
async function runRounds(entrants: Entrant[], { directory, config, context, failed }: Rounds): Promise<void> {
  const { model, rounds, secondsPerRound, batchSize } = config;
  const { progress, signal } = context;
  for (let round = 0; round <= rounds; round++) {
    for (const { contender, process, rounds: timed } of [...entrants]) {
      progress.update(
        `${model}  ${round === 0 ? 'warm-up' : `round ${round}/${rounds}`}  ${contenders[contender].label}`,
      );
      const goesOn = await unlessItFails({ contender, failed, signal }, async () => {
        if (round === 0) await process.run(Math.min(warmUpSeconds, secondsPerRound));
        else timed.push(await withOtherCores(() => process.run(secondsPerRound)));
      });
      if (!goesOn) removeEntrant(entrants, contender);
    }
    if (round > 0) logRound(directory, { round, entrants, batchSize });
  }
}

/** Images/s by contender, which TensorBoard shows, and the whole measurements. */
function logRound(
  directory: RunDirectory,
  { round, entrants, batchSize }: { round: number; entrants: readonly Entrant[]; batchSize: number },
): void {
  const imagesPerSecond: Record<string, number> = {};
  const measurements: Record<string, TimedRound> = {};
  for (const { contender, rounds } of entrants) {
    const latest = rounds.at(-1);
    if (!latest) continue;
    imagesPerSecond[contender] = (latest.steps * batchSize) / latest.seconds;
    measurements[contender] = latest;
  }
  directory.log({ ...imagesPerSecond, step: round, measurements });
}

function removeEntrant(entrants: Entrant[], contender: ContenderName): void {
  const index = entrants.findIndex((entrant) => entrant.contender === contender);
  if (index >= 0) entrants.splice(index, 1);
}

/** Runs a round and finds what the rest of the machine did meanwhile. */
async function withOtherCores(run: () => ReturnType<ContenderProcess['run']>): Promise<TimedRound> {
  const busyBefore = busySeconds();
  const begunAt = performance.now();
  const round = await run();
  const elapsed = (performance.now() - begunAt) / 1000;
  const otherCores = Math.max(0, (busySeconds() - busyBefore - round.cpuSeconds) / elapsed);
  return { ...round, otherCores };
}

/** Processor time that all processes of the machine have used. */
function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

async function finishAll(
  entrants: readonly Entrant[],
  work: { batchSize: number; multiplyAccumulatesPerImage: number },
): Promise<ContenderResult[]> {
  const results: ContenderResult[] = [];
  for (const entrant of entrants) {
    results.push(summariseContender({ ...entrant, done: await entrant.process.quit() }, work));
  }
  return results;
}

/** Notes a contender's failure and goes on with the others. */
async function unlessItFails(
  { contender, failed, signal }: { contender: ContenderName; failed: FailedContender[]; signal: AbortSignal },
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ContenderFailure)) throw error;
    failed.push({ contender, reason: error.message });
    return false;
  }
}

function noneLeft(failed: readonly FailedContender[]): BenchError {
  const reasons = failed.map(({ contender, reason }) => `${contenders[contender].label}: ${reason}`);
  return new BenchError('peers-unavailable', `No contender could be measured. ${reasons.join('; ')}`);
}
