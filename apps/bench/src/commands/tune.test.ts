import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cifarCacheFolder } from '@superconvergence/cifar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TuningResult } from '../experiments/tuning.ts';
import type { TunedChoice } from '../experiments/tuning-store.ts';
import { lastJson, runBench } from '../testing/run-bench.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
  // The engine that is there, and choices of its own.
  symlinkSync(join(dirname(cifarCacheFolder()), 'engine'), join(folder, 'engine'));
  env = { SUPERCONVERGENCE_CACHE: folder, TF_NUM_INTRAOP_THREADS: '', TF_NUM_INTEROP_THREADS: '' };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const readChoices = () =>
  (JSON.parse(readFileSync(join(folder, 'tuning.json'), 'utf8')) as { choices: TunedChoice[] }).choices;
const writeChoices = (choices: readonly TunedChoice[]) => {
  writeFileSync(join(folder, 'tuning.json'), JSON.stringify({ choices }));
};
const small = ['--batch', '4', '--seconds', '0.1'];
const results = () => ['--results', join(folder, 'results')];

describe('bench tune', () => {
  it.each([
    [['--threads', '2'], /unknown option '--threads'/],
    [['--models', 'nope'], /model name must be one of/],
    [['--seconds', '0'], /--seconds.*It must be a number greater than 0/],
    [['--reset', '--batch', '4'], /'--reset' cannot be used with option '--batch/],
  ])('%j exits with 2 and says why', async (args, why) => {
    const { exitCode, stdout, stderr } = await runBench(['tune', ...args], { env });
    expect(stderr).toMatch(why);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('measures, stores and forgets; other commands do as it chose', { timeout: 240_000 }, async () => {
    const finished = await runBench(['tune', '--models', 'wrn-10-1', ...small, '--json'], { env });
    expect(finished).toMatchObject({ exitCode: 0 });
    const result = lastJson(finished) as TuningResult;
    const { candidates, chosen } = result;
    expect(result).toMatchObject({ model: 'wrn-10-1', batchSize: 4, rounds: 5, secondsPerRound: 0.1 });
    const cores = availableParallelism();
    expect(candidates[0]).toMatchObject({ intraOpThreads: cores, interOpThreads: cores, towers: 1 });
    expect(new Set(candidates.map(({ towers }) => towers))).toEqual(new Set([1, 2]));
    for (const { imagesPerSecond, roundImagesPerSecond } of candidates) {
      expect(roundImagesPerSecond).toHaveLength(5);
      expect(imagesPerSecond).toBe(roundImagesPerSecond.toSorted((a, b) => a - b)[2]);
    }
    const [stored] = readChoices();
    if (!stored) throw new Error('nothing was stored');
    const { intraOpThreads, interOpThreads, imagesPerSecond } = chosen;
    expect(stored).toMatchObject({ intraOpThreads, interOpThreads, imagesPerSecond, towers: 1, cores });

    const other = { ...stored, intraOpThreads: 1, interOpThreads: 3, towers: 2 };
    writeChoices([other]);
    const timing = ['timing', '--models', 'wrn-10-1', '--batch', '4', '--iterations', '2', '--json'];
    const tuned = await runBench([...timing, '--update', ...results()], { env });
    expect(tuned.stderr).toMatch(/wrn-10-1, batch 4: 1 thread × 3 operations, 2 towers, as tuned on 20\d\d-/);
    expect(lastJson(tuned)).toMatchObject({ engine: { threads: 1, interOpThreads: 3, towers: 2 } });

    const eager = await runBench([...timing, '--no-compile', ...results()], { env });
    expect(eager.stderr).not.toMatch(/tuned/);
    expect(lastJson(eager)).toMatchObject({ engine: { threads: cores, interOpThreads: cores, towers: 1 } });

    const given = await runBench([...timing, ...results()], { env: { ...env, TF_NUM_INTRAOP_THREADS: '2' } });
    expect(given.stderr).toMatch(/as the environment gives them/);
    expect(lastJson(given)).toMatchObject({ engine: { threads: 2, towers: 1 } });

    expect(lastJson(await runBench(['tune', '--reset', '--json'], { env }))).toEqual({
      reset: join(folder, 'tuning.json'),
    });
    expect(existsSync(join(folder, 'tuning.json'))).toBe(false);
  });

  it('interrupted stores nothing', async () => {
    const { exitCode, stdout } = await runBench(['tune', '--models', 'wrn-10-1'], {
      env,
      interruptAt: /wrn-10-1, batch 128: \d+ ways/,
    });
    expect(exitCode).toBe(130);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, 'tuning.json'))).toBe(false);
  });
});
