import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { engineCacheFolder, findInstallation } from '@superconvergence/engine';
import { z } from 'zod';
import { BenchError } from '../errors.ts';
import { writeFileAtomically } from '../files.ts';
import type { Progress } from '../progress.ts';

const keySchema = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  /** Version and device of the installed TensorFlow: `2.21.0-cpu`. */
  tensorflow: z.string(),
  model: z.string(),
  batchSize: z.int().positive(),
});

const choiceSchema = keySchema.extend({
  intraOpThreads: z.int().positive(),
  interOpThreads: z.int().positive(),
  towers: z.int().positive(),
  /** Medians, of what was chosen and of the default. */
  imagesPerSecond: z.number().positive(),
  defaultImagesPerSecond: z.number().positive(),
  measuredAt: z.string(),
});

const fileSchema = z.object({ choices: z.array(choiceSchema) });

/** What a choice was measured for; it counts for nothing else. */
export type TuningKey = z.infer<typeof keySchema>;
/** What `bench tune` chose. */
export type TunedChoice = z.infer<typeof choiceSchema>;

/** `tuning.json` in the folder of all caches: `$SUPERCONVERGENCE_CACHE`, or the system's for `superconvergence`. */
export function tuningFile(): string {
  return join(dirname(engineCacheFolder()), 'tuning.json');
}

/** The key of a model on this machine; undefined where the engine isn't installed in its cache. Loads nothing. */
export function tuningKey(model: string, batchSize: number): TuningKey | undefined {
  const installation = findInstallation({ quiet: true });
  if (installation === undefined) return undefined;
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    tensorflow: basename(installation.folder).replace(/^tensorflow-/, ''),
    model,
    batchSize,
  };
}

/** The stored choice for `key`. A damaged file is none; `progress` is told of it. */
export function findChoice(key: TuningKey, progress: Pick<Progress, 'note'>): TunedChoice | undefined {
  return readChoices(progress).find((choice) => isFor(choice, key));
}

/** Stores a choice in the place of an older one for the same key. */
export function storeChoice(choice: TunedChoice, progress: Pick<Progress, 'note'>): void {
  const others = readChoices(progress).filter((each) => !isFor(each, choice));
  try {
    writeFileAtomically(tuningFile(), `${JSON.stringify({ choices: [...others, choice] }, null, 2)}\n`);
  } catch (cause) {
    throw unusable('written', cause);
  }
}

/** Removes all stored choices, also damaged ones. */
export function forgetChoices(): void {
  try {
    rmSync(tuningFile(), { force: true });
  } catch (cause) {
    throw unusable('removed', cause);
  }
}

function readChoices(progress: Pick<Progress, 'note'>): TunedChoice[] {
  const file = tuningFile();
  if (!existsSync(file)) return [];
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).choices;
  } catch {
    progress.note(
      `warning: ${file} is damaged, so that nothing counts as tuned. Remove it with: bench tune --reset`,
    );
    return [];
  }
}

function isFor(choice: TunedChoice, key: TuningKey): boolean {
  return Object.keys(keySchema.shape).every(
    (name) => choice[name as keyof TuningKey] === key[name as keyof TuningKey],
  );
}

function unusable(what: string, cause: unknown): BenchError {
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new BenchError(
    'cache-unwritable',
    `${tuningFile()} can't be ${what} (${why instanceof Error ? why.message : String(why)}). Make its folder writable, or ` +
      'give another one with SUPERCONVERGENCE_CACHE.',
    { cause },
  );
}
