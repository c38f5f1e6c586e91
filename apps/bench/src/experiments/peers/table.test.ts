import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { peersMarkdown, writeGeneratedPart } from './markdown.ts';
import type { ContenderName } from './contenders.ts';
import type { ContenderResult, PeersResult } from './summary.ts';
import { peersTable } from './table.ts';

const row = (contender: ContenderName, rates: [number, number, number]): ContenderResult => ({
  contender,
  versions: contender === 'torch-eager' ? { torch: '2.15.0' } : { tfjs: '4.22.0' },
  settings: '',
  roundImagesPerSecond: rates,
  imagesPerSecond: rates[1],
  gflopsPerSecond: rates[1] / 2,
  secondsToFirstStep: 75,
  secondsFirstStep: 1.25,
  peakRssBytes: 1.5e9,
  losses: [2, 1],
});

const result: PeersResult = {
  model: 'resnet-8',
  batchSize: 8,
  parameters: 29_162,
  multiplyAccumulatesPerImage: 5e8,
  matmulGflopsPerSecond: 400,
  rounds: 3,
  secondsPerRound: 5,
  load: { before: [0.1, 0.2, 0.3], after: [2, 1, 0.5], otherCores: 0.04, cores: 2 },
  contenders: [row('torch-eager', [190, 200, 210]), row('tfjs-stock', [45.5, 50, 51])],
  failed: [{ contender: 'torch-compile', reason: 'InductorError: no <compiler>' }],
};

describe('peersTable', () => {
  it('divides by each reference that was measured', () => {
    const { rows, notes } = peersTable(result);
    expect(rows).toEqual([
      // prettier-ignore
      ['PyTorch, eager', '200', '190 – 210', '1.00', '–', '4.00', '100', '25 %', '1.50 GB', '1 min 15 s', '1.3 s'],
      // prettier-ignore
      ['tfjs-node, stock', '50.0', '45.5 – 51.0', '0.25', '–', '1.00', '25', '6 %', '1.50 GB', '1 min 15 s', '1.3 s'],
    ]);
    expect(notes).toEqual(['PyTorch, torch.compile: not measured: InductorError: no <compiler>']);
  });

  it('says when the machine was too busy', () => {
    const { notes } = peersTable({ ...result, failed: [], load: { ...result.load, otherCores: 0.5 } });
    expect(notes).toEqual([expect.stringMatching(/busy with other things/)]);
  });
});

describe('the generated part', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries date, machine, versions, tables and load, and replaces the one before', () => {
    const machine = { cpu: 'AMD EPYC', cores: 2, memoryBytes: 24e9 };
    const markdown = peersMarkdown([result], machine, new Date('2026-09-01T12:00:00Z'));
    const file = join(folder, 'benchmarks.md');
    writeFileSync(file, 'before\n<!-- peers:begin -->\nold\n<!-- peers:end -->\nafter\n');
    writeGeneratedPart(file, 'older');
    writeGeneratedPart(file, markdown);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(
      /^before\n<!-- peers:begin -->\n\n2026-09-01; AMD EPYC, 2 cores, 24.00 GB of memory; /,
    );
    expect(text).toContain('torch 2.15.0, tfjs 4.22.0');
    expect(text).toContain('### resnet-8, batch 8: 29,162 parameters, 1.00 GFLOP an image');
    expect(text).toContain('| tfjs-node, stock |     50.0 | 45.5 – 51.0 |');
    expect(text).toContain(String.raw`not measured: InductorError: no \<compiler\>`);
    expect(text).toContain('other processes used 0.04 of 2 cores; load averages 0.1, 0.2, 0.3 before');
    expect(text).not.toContain('old');
    expect(text).toMatch(/<!-- peers:end -->\nafter\n$/);
  });

  it('is refused by a file without marks', () => {
    const file = join(folder, 'readme.md');
    writeFileSync(file, '# No marks\n');
    expect(() => {
      writeGeneratedPart(file, 'x');
    }).toThrow(/readme.md must have the lines <!-- peers:begin -->/);
    expect(readFileSync(file, 'utf8')).toBe('# No marks\n');
  });
});
