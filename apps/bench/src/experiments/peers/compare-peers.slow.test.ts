import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '@superconvergence/engine';
import type { ModelName } from '@superconvergence/models';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProgress } from '../../progress.ts';
import { openRun } from '../../run-directory.ts';
import { engine } from '../../testing/engine-summary.ts';
import { lastJson, runBench } from '../../testing/run-bench.ts';
import { comparePeers, type PeersConfig } from './compare-peers.ts';
import { contenderNames } from './contenders.ts';
import { preparePython } from './python-environment.ts';
import type { PeersResult } from './summary.ts';

const signal = new AbortController().signal;
const progress = createProgress();
let python: string;
let results: string;

beforeAll(async () => {
  await loadEngine();
  python = await preparePython(progress, signal);
});
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});
afterAll(() => {
  progress.clear();
});

describe('PyTorch and TensorFlow train the networks of packages/models', () => {
  it.each<[ModelName, number, number]>([
    ['resnet-20', 16, 224_042],
    ['wrn-16-10', 4, 17_116_634],
  ])('%s: as many parameters, the same losses', async (model, batchSize, parameters) => {
    const config: PeersConfig = {
      model,
      batchSize,
      contenders: ['torch-eager', 'tensorflow-graph', 'ours-eager'],
      rounds: 1,
      secondsPerRound: 0.1,
    };
    const directory = openRun({ results, experiment: 'peers', config: { ...config }, engine });
    const { contenders, failed, ...result } = await comparePeers(directory, config, {
      python,
      progress,
      signal,
    });
    expect(failed).toEqual([]);
    expect(result.parameters).toBe(parameters);
    const [first, second] = contenders[0]?.losses ?? [NaN, NaN];
    expect(Math.abs(second - first)).toBeGreaterThan(0.01 * first);
    for (const { contender, losses } of contenders) {
      expect(Math.abs(losses[0] - first) / first, contender).toBeLessThan(1e-4);
      expect(Math.abs(losses[1] - second) / second, contender).toBeLessThan(1e-3);
    }
  });
});

describe('bench peers', () => {
  const args = ['peers', '--models', 'resnet-8', '--batch', '8', '--rounds', '1', '--seconds', '0.1'];

  it('compares everybody, and says of torch.compile why where it cannot', async () => {
    const { results: all } = lastJson(await runBench([...args, '--json', '--results', results])) as {
      results: PeersResult[];
    };
    const [{ contenders, failed } = { contenders: [], failed: [] }] = all;
    const names = [...contenders, ...failed].map(({ contender }) => contender);
    expect(names.toSorted()).toEqual([...contenderNames].toSorted());
    // torch.compile needs a C++ compiler, which not every machine has.
    expect(failed.filter(({ contender }) => contender !== 'torch-compile')).toEqual([]);
    for (const { reason } of failed) expect(reason).not.toBe('');
  });

  it('leaves no process and no file behind when it is interrupted', async () => {
    const finished = await runBench(
      [...args, '--contenders', 'torch-eager,ours-eager', '--results', results],
      {
        env: { TMPDIR: results },
        interruptAt: /ours, eager: building/,
      },
    );
    expect(finished.exitCode).toBe(130);
    expect(finished.milliseconds).toBeLessThan(2_000);
    expect(readdirSync(results)).toEqual(['peers']);
    expect(commandLines().filter((line) => line.includes(results))).toEqual([]);
  });
});

/** Of all processes; a contender's has the path of its start file. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        // Ended in the meantime.
        return [];
      }
    });
}
