import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  decodeSafeTensors,
  encodeSafeTensors,
  onlyFloat32,
  SafeTensorsError,
} from '@superconvergence/safetensors';
import type { TrainingState } from '@superconvergence/trainer';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { codeVersion } from './code-version.ts';
import type { EngineSummary, MachineUse } from './engine.ts';
import { BenchError } from './errors.ts';
import { unwritable, writeFileAtomically } from './files.ts';
import { encodeEventFile, type Scalar } from './tensorboard.ts';

const runRecordSchema = z.object({
  experiment: z.string(),
  run: z.string(),
  config: z.record(z.string(), z.unknown()),
  code: z.string(),
  engine: z.looseObject({
    tensorflow: z.string(),
    device: z.string(),
    threads: z.int().positive().optional(),
    /** Runs of before it could be chosen have none. */
    interOpThreads: z.int().positive().optional(),
    towers: z.int().positive().default(1),
  }),
  versions: z.record(z.string(), z.string()),
  hardware: z.record(z.string(), z.unknown()),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  result: z.unknown().optional(),
});

/** What `run.json` holds: with it a run can be understood, and done again, without asking anybody. */
export type RunRecord = z.infer<typeof runRecordSchema>;

/** One line of `log.jsonl`. */
export type LogEntry = { readonly step: number } & Readonly<Record<string, unknown>>;

/** The folder of one run: `run.json`, `log.jsonl`, the latest checkpoint and a TensorBoard event file. */
export interface RunDirectory {
  readonly path: string;
  readonly record: RunRecord;
  log(entry: LogEntry): void;
  readonly readLog: () => LogEntry[];
  saveCheckpoint(state: TrainingState): void;
  /** The state to go on from; log lines after it are dropped. */
  loadCheckpoint(): TrainingState | undefined;
  /** Stores the result, which makes the run finished, and removes the checkpoint. */
  finish(result: unknown): void;
}

export interface RunIdentity {
  readonly results: string;
  readonly experiment: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly engine: EngineSummary;
  /** Default: a hash of configuration, engine and code. */
  readonly name?: string | undefined;
}

/** Opens the folder of a run: the one of an equal run where there is one, else a new one. `fresh` removes what is there. */
export function openRun(identity: RunIdentity, { fresh = false } = {}): RunDirectory {
  const { results, experiment, config, engine, name } = identity;
  const code = codeVersion();
  const { tensorflow, device, threads, interOpThreads, towers } = engine;
  const run = name ?? hashOf({ config, code, tensorflow, device, threads, interOpThreads, towers });
  const path = join(results, experiment, run);
  if (fresh) removeRemains(path);
  if (existsSync(join(path, 'run.json'))) {
    const existing = openExistingRun(results, experiment, run);
    if (hashOf(existing.record.config) !== hashOf(config)) {
      throw new BenchError(
        'run-exists',
        `The run ${run} exists with other settings (${join(path, 'run.json')}). Give another --run, or --fresh to replace it.`,
      );
    }
    return existing;
  }
  const record: RunRecord = {
    experiment,
    run,
    config: { ...config },
    code,
    engine: { ...engine },
    versions: { node: process.version, tfjs: tf.version.tfjs, tensorflow: engine.tensorflow },
    hardware: describeHardware(),
    startedAt: new Date().toISOString(),
  };
  removeRemains(path);
  writeFileAtomically(join(path, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return createRunDirectory(path, record);
}

export function describeHardware(): Record<string, unknown> {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryBytes: totalmem() };
}

/** What a run that is gone on with does to the machine: what it did from its beginning, whatever was tuned since. */
export function machineUseOf({ engine }: RunRecord): MachineUse {
  const { threads, interOpThreads, towers } = engine;
  return { intraOpThreads: threads, interOpThreads, towers };
}

/** Removes what a run without its `run.json` left. */
function removeRemains(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Whether a run of that name was begun before. */
export function isRun(results: string, experiment: string, run: string): boolean {
  return existsSync(join(results, experiment, run, 'run.json'));
}

/** Opens the folder of a run that was begun before. */
export function openExistingRun(results: string, experiment: string, run: string): RunDirectory {
  const path = join(results, experiment, run);
  const file = join(path, 'run.json');
  if (!existsSync(file)) {
    throw new BenchError('no-such-run', `There is no run ${run} in ${join(results, experiment)}.`);
  }
  try {
    return createRunDirectory(path, runRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (cause) {
    throw new BenchError('damaged-run', `${file} is damaged. Remove ${path} and start the run anew.`, {
      cause,
    });
  }
}

function createRunDirectory(path: string, record: RunRecord): RunDirectory {
  const logFile = join(path, 'log.jsonl');
  const checkpointFile = join(path, 'checkpoint.safetensors');
  const readLog = (): LogEntry[] => {
    if (!existsSync(logFile)) return [];
    const lines = readFileSync(logFile, 'utf8').split('\n').filter(Boolean);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as LogEntry];
      } catch {
        // The last line of a run that was killed while writing.
        return [];
      }
    });
  };
  const writeEventFile = () => {
    const name = `events.out.tfevents.${Math.floor(Date.parse(record.startedAt) / 1000)}.bench`;
    writeFileAtomically(join(path, name), encodeEventFile(toScalars(readLog(), record.startedAt)));
  };
  return {
    path,
    record,
    readLog,
    log(entry) {
      try {
        mkdirSync(path, { recursive: true });
        appendFileSync(logFile, `${JSON.stringify(entry)}\n`);
      } catch (cause) {
        throw unwritable(logFile, cause);
      }
    },
    saveCheckpoint({ step, lossSum, tensors }) {
      const metadata = { step: String(step), lossSum: String(lossSum) };
      writeFileAtomically(checkpointFile, encodeSafeTensors({ tensors, metadata }));
      writeEventFile();
    },
    loadCheckpoint() {
      if (!existsSync(checkpointFile)) {
        rmSync(logFile, { force: true });
        return undefined;
      }
      const { tensors, metadata } = readCheckpoint(checkpointFile);
      const step = Number(metadata.step);
      const kept = readLog().filter((entry) => entry.step <= step);
      writeFileAtomically(logFile, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      return { step, lossSum: Number(metadata.lossSum), tensors };
    },
    finish(result) {
      Object.assign(record, { finishedAt: new Date().toISOString(), result });
      writeFileAtomically(join(path, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
      rmSync(checkpointFile, { force: true });
      writeEventFile();
    },
  };
}

function readCheckpoint(path: string) {
  try {
    const { tensors, metadata } = decodeSafeTensors(readFileSync(path));
    return { tensors: onlyFloat32(tensors), metadata };
  } catch (cause) {
    if (!(cause instanceof SafeTensorsError)) throw cause;
    throw new BenchError('damaged-run', `${path} is damaged. Remove it to start the run anew.`, { cause });
  }
}

/** The numbers of a log for TensorBoard, under `training` and `evaluation`. */
function toScalars(log: readonly LogEntry[], startedAt: string): Scalar[] {
  return log.map(({ step, type, seconds, ...rest }) => {
    const values = Object.entries(rest).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    const group = type === 'evaluation' ? 'evaluation' : 'training';
    return {
      step,
      wallTime: Date.parse(startedAt) / 1000 + Number(seconds ?? 0),
      values: Object.fromEntries(values.map(([name, value]) => [`${group}/${name}`, value])),
    };
  });
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex').slice(0, 12);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
