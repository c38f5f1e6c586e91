import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cifarCacheFolder, loadCifar10 } from '@superconvergence/cifar';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tuningKey } from '../experiments/tuning-store.ts';
import { lastJson, runBench } from '../testing/run-bench.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  await loadCifar10();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
  // Engine and data that are there, and choices of its own.
  for (const name of ['engine', 'cifar']) {
    symlinkSync(join(dirname(cifarCacheFolder()), name), join(folder, name));
  }
  env = { SUPERCONVERGENCE_CACHE: folder, TF_NUM_INTRAOP_THREADS: '', TF_NUM_INTEROP_THREADS: '' };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Use {
  readonly intraOpThreads: number;
  readonly interOpThreads: number;
  readonly towers: number;
}

function storeTuned(use: Use): void {
  const measured = { imagesPerSecond: 2, defaultImagesPerSecond: 1, measuredAt: '2026-09-01T12:00:00.000Z' };
  const choice = { ...tuningKey('resnet-8', 64), ...use, ...measured };
  writeFileSync(join(folder, 'tuning.json'), JSON.stringify({ choices: [choice] }));
}

describe('a run that was begun as tuned', () => {
  const older = { intraOpThreads: 1, interOpThreads: 3, towers: 2 };
  const newer = { intraOpThreads: 2, interOpThreads: 1, towers: 1 };
  const args = ['train', '--model', 'resnet-8', '--batch', '64', '--train-size', '1280', '--epochs', '8'];
  const named = [...args, '--run', 'mine', '--json'];
  const inFolder = (name: string) => ['--results', join(folder, name)];
  const engineOf = (name: string) =>
    (JSON.parse(readFileSync(join(folder, name, 'train', 'mine', 'run.json'), 'utf8')) as { engine: unknown })
      .engine;

  it('goes on as it began, whatever was tuned since', { timeout: 300_000 }, async () => {
    storeTuned(older);
    const whole = await runBench([...named, ...inFolder('whole')], { env });
    expect(whole.stderr).toContain(
      'resnet-8, batch 64: 1 thread × 3 operations, 2 towers, as tuned on 2026-09-01',
    );
    const asBegun = { threads: 1, interOpThreads: 3, towers: 2 };
    expect(engineOf('whole')).toMatchObject(asBegun);

    const broken = { env, interruptAt: /step 10\/160/ };
    expect((await runBench([...named, ...inFolder('resumed')], broken)).exitCode).toBe(130);
    cpSync(join(folder, 'resumed'), join(folder, 'repeated'), { recursive: true });

    storeTuned(newer);
    const other = await runBench([...named, ...inFolder('other')], { env });
    expect(engineOf('other')).toMatchObject({ threads: 2, interOpThreads: 1, towers: 1 });
    const hashOf = (finished: typeof whole) => (lastJson(finished) as { weightsHash: string }).weightsHash;
    expect(hashOf(other)).not.toBe(hashOf(whole));

    const resumed = await runBench(['train', '--resume', 'mine', '--json', ...inFolder('resumed')], { env });
    const repeated = await runBench([...named, ...inFolder('repeated')], { env });
    for (const [name, finished] of Object.entries({ resumed, repeated })) {
      expect(finished.stderr).toMatch(/going on from step \d+/);
      expect(finished.stderr).not.toContain('as tuned');
      expect(engineOf(name)).toMatchObject(asBegun);
      // Towers change what batch norm computes, so this shows what was really done.
      expect(hashOf(finished)).toBe(hashOf(whole));
    }
  });
});
