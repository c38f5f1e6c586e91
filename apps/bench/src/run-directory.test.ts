import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engine } from './testing/engine-summary.ts';
import { machineUseOf, openExistingRun, openRun } from './run-directory.ts';

const state = { step: 2, lossSum: 0.5, tensors: { w: { shape: [2], values: Float32Array.of(1, 2) } } };
let results: string;

beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

const open = (config: Record<string, unknown>, options: { name?: string; fresh?: boolean } = {}) =>
  openRun({ results, experiment: 'train', config, engine, name: options.name }, options);

describe('openRun', () => {
  it('names a run after what decides its outcome, not after the order of its settings', () => {
    const { run } = open({ seed: 1, model: 'a' }).record;
    expect(open({ model: 'a', seed: 1 }).record.run).toBe(run);
    expect(open({ model: 'a', seed: 2 }).record.run).not.toBe(run);
    for (const other of [{ threads: 1 }, { interOpThreads: 1 }, { towers: 2 }]) {
      const config = { seed: 1, model: 'a' };
      const { record } = openRun({ results, experiment: 'train', config, engine: { ...engine, ...other } });
      expect(record.run).not.toBe(run);
    }
  });

  it('finds a finished run again', () => {
    open({ seed: 1 }).finish({ testAccuracy: 0.9 });
    expect(open({ seed: 1 }).record.result).toEqual({ testAccuracy: 0.9 });
    expect(open({ seed: 1 }, { fresh: true }).record.result).toBeUndefined();
  });

  it('refuses a name that stands for other settings', () => {
    open({ seed: 1 }, { name: 'mine' });
    expect(() => open({ seed: 2 }, { name: 'mine' })).toThrow(/mine exists with other settings .* --fresh/);
    expect(open({ seed: 2 }, { name: 'mine', fresh: true }).record.config).toEqual({ seed: 2 });
  });

  it('goes on from the checkpoint and drops log lines after it, also a half-written one', () => {
    const run = open({ seed: 1 });
    run.log({ step: 1, loss: 3 });
    run.log({ step: 2, loss: 2 });
    run.saveCheckpoint(state);
    run.log({ step: 3, loss: 1 });
    appendFileSync(join(run.path, 'log.jsonl'), '{"step":4,"lo');
    const again = open({ seed: 1 });
    expect(again.loadCheckpoint()).toEqual(state);
    expect(again.readLog()).toEqual([
      { step: 1, loss: 3 },
      { step: 2, loss: 2 },
    ]);
  });

  it('says that a checkpoint is damaged, and what to do', () => {
    const run = open({ seed: 1 });
    run.saveCheckpoint(state);
    truncateSync(join(run.path, 'checkpoint.safetensors'), 20);
    expect(() => run.loadCheckpoint()).toThrow(/checkpoint.safetensors is damaged. Remove it/);
  });

  it('starts its log anew where there is no checkpoint', () => {
    const run = open({ seed: 1 });
    run.log({ step: 1, loss: 3 });
    expect(run.loadCheckpoint()).toBeUndefined();
    expect(run.readLog()).toEqual([]);
  });

  it('removes the checkpoint of a finished run and leaves nothing half-written', () => {
    const run = open({ seed: 1 });
    run.saveCheckpoint(state);
    run.finish({});
    expect(existsSync(join(run.path, 'checkpoint.safetensors'))).toBe(false);
    expect(JSON.parse(readFileSync(join(run.path, 'run.json'), 'utf8'))).toMatchObject({
      config: { seed: 1 },
      result: {},
    });
  });
});

describe('openExistingRun', () => {
  it('says which run is missing or damaged, and what to do', () => {
    expect(() => openExistingRun(results, 'train', 'none')).toThrow(/There is no run none/);
    const { path } = open({ seed: 1 }, { name: 'mine' });
    writeFileSync(join(path, 'run.json'), '{');
    expect(() => openExistingRun(results, 'train', 'mine')).toThrow(/run.json is damaged. Remove/);
  });

  it('says that a folder can’t be written', () => {
    const file = join(results, 'file');
    writeFileSync(file, '');
    expect(() => openRun({ results: file, experiment: 'train', config: {}, engine })).toThrow(
      /Can't write .* --results/,
    );
  });
});

describe('machineUseOf', () => {
  it('is what the run was begun with', () => {
    const { record } = openRun({
      results,
      experiment: 'train',
      config: {},
      engine: { ...engine, threads: 3, interOpThreads: 5, towers: 4 },
      name: 'mine',
    });
    const use = { intraOpThreads: 3, interOpThreads: 5, towers: 4 };
    expect(machineUseOf(record)).toEqual(use);
    expect(machineUseOf(openExistingRun(results, 'train', 'mine').record)).toEqual(use);
  });

  it('of a run from before there was a choice has one tower and the default operations at a time', () => {
    const { path } = open({}, { name: 'old' });
    const file = join(path, 'run.json');
    const old = JSON.parse(readFileSync(file, 'utf8')) as { engine: Record<string, unknown> };
    delete old.engine.interOpThreads;
    delete old.engine.towers;
    writeFileSync(file, JSON.stringify(old));
    const { record } = openExistingRun(results, 'train', 'old');
    expect(machineUseOf(record)).toEqual({ intraOpThreads: 2, interOpThreads: undefined, towers: 1 });
  });
});
