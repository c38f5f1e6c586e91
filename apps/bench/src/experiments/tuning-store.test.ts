import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findChoice, forgetChoices, storeChoice, tuningFile, type TunedChoice } from './tuning-store.ts';

const choice: TunedChoice = {
  cpu: 'AMD EPYC',
  cores: 2,
  tensorflow: '2.21.0-cpu',
  model: 'resnet-20',
  batchSize: 128,
  intraOpThreads: 1,
  interOpThreads: 2,
  towers: 1,
  imagesPerSecond: 110,
  defaultImagesPerSecond: 100,
  measuredAt: '2026-09-01T12:00:00.000Z',
};

let folder: string;
let warnings: string[];
const progress = { note: (text: string) => void warnings.push(text) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
  vi.stubEnv('SUPERCONVERGENCE_CACHE', join(folder, 'cache'));
  warnings = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the stored choices', () => {
  it('lie in the cache folder, whole, and are found again', () => {
    const other = { ...choice, model: 'resnet-8', intraOpThreads: 2 };
    storeChoice(choice, progress);
    storeChoice(other, progress);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['tuning.json']);
    expect(findChoice(choice, progress)).toEqual(choice);
    expect(findChoice(other, progress)).toEqual(other);
    expect(warnings).toEqual([]);
  });

  it.each([
    { cpu: 'another' },
    { cores: 4 },
    { tensorflow: '2.22.0-cpu' },
    { tensorflow: '2.21.0-gpu' },
    { model: 'resnet-56' },
    { batchSize: 64 },
  ])('count for nothing else: %j', (difference) => {
    storeChoice(choice, progress);
    expect(findChoice({ ...choice, ...difference }, progress)).toBeUndefined();
  });

  it('are replaced by newer ones for the same, and forgotten', () => {
    storeChoice(choice, progress);
    storeChoice({ ...choice, intraOpThreads: 2 }, progress);
    expect(JSON.parse(readFileSync(tuningFile(), 'utf8'))).toEqual({
      choices: [{ ...choice, intraOpThreads: 2 }],
    });
    forgetChoices();
    expect(findChoice(choice, progress)).toBeUndefined();
    expect(existsSync(tuningFile())).toBe(false);
    forgetChoices();
  });

  it.each([
    ['no JSON', '{"choices": ['],
    ['other fields', JSON.stringify({ choices: [{ ...choice, intraOpThreads: 0 }] })],
  ])('are ignored with a warning where the file is damaged (%s), until a new one is stored', (_, text) => {
    mkdirSync(join(folder, 'cache'));
    writeFileSync(tuningFile(), text);
    expect(findChoice(choice, progress)).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: .*tuning\.json is damaged.*bench tune --reset$/),
    ]);
    storeChoice(choice, progress);
    expect(findChoice(choice, progress)).toEqual(choice);
  });

  it('that can’t be written are an error that says what to do', () => {
    writeFileSync(join(folder, 'cache'), 'a file');
    expect(() => {
      storeChoice(choice, progress);
    }).toThrow(/tuning\.json can't be written \(E.*SUPERCONVERGENCE_CACHE/);
  });
});
