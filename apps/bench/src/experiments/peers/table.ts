import { formatBytes, formatSeconds } from '../../progress.ts';
import { contenders, type ContenderName } from './contenders.ts';
import type { ContenderResult, PeersResult } from './summary.ts';

/** A model's table as cells, for the terminal and for docs/benchmarks.md. */
export interface PeersTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Below the table: who could not be measured and why, and whether the machine was busy. */
  readonly notes: readonly string[];
}

/** Of the cores: what may go to other processes before a comparison is called unfair. */
const quietShare = 0.1;

/** What the images/s of each row are divided by, where that was measured. */
const references = [
  ['÷ PyTorch', 'torch-eager'],
  ['÷ torch.compile', 'torch-compile'],
  ['÷ tfjs-node', 'tfjs-stock'],
] as const satisfies readonly (readonly [title: string, contender: ContenderName])[];

const head = [
  '',
  'images/s',
  'min – max',
  ...references.map(([title]) => title),
  'GFLOP/s',
  'of the peak',
  'peak memory',
  'first step',
  'without import',
];

export function peersTable(result: PeersResult): PeersTable {
  const rows = result.contenders.map((row) => [
    contenders[row.contender].label,
    formatRate(row.imagesPerSecond),
    `${formatRate(Math.min(...row.roundImagesPerSecond))} – ${formatRate(Math.max(...row.roundImagesPerSecond))}`,
    ...references.map(([, reference]) => ratio(row, find(result, reference))),
    row.gflopsPerSecond.toFixed(0),
    `${((100 * row.gflopsPerSecond) / result.matmulGflopsPerSecond).toFixed(0)} %`,
    formatBytes(row.peakRssBytes),
    formatSeconds(row.secondsToFirstStep),
    formatSeconds(row.secondsFirstStep),
  ]);
  const notes = result.failed.map(
    ({ contender, reason }) => `${contenders[contender].label}: not measured: ${reason}`,
  );
  return { head, rows, notes: [...notes, ...busyNote(result)] };
}

/** Measured: with one of two cores taken, PyTorch keeps a tenth of its images/s and a TensorFlow graph more than half. */
function busyNote({ load: { otherCores, cores } }: PeersResult): string[] {
  if (otherCores <= quietShare * cores) return [];
  return [
    'The machine was busy with other things, so this is no fair comparison: threads that wait for each other at every operation, as PyTorch’s do, lose most. Measure again when it is quiet.',
  ];
}

/** What was measured, in a line. */
export function describeWorkload(result: PeersResult): string {
  const gflops = (2 * result.multiplyAccumulatesPerImage) / 1e9;
  return `${result.model}, batch ${result.batchSize}: ${result.parameters.toLocaleString('en')} parameters, ${gflops.toFixed(2)} GFLOP an image`;
}

/** How it was measured and how busy the machine was, in a line. */
export function describeRounds({
  rounds,
  secondsPerRound,
  matmulGflopsPerSecond,
  load,
}: PeersResult): string {
  const averages = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(', ');
  return [
    `Medians of ${rounds} rounds of ${secondsPerRound} s`,
    `matrix-product peak ${matmulGflopsPerSecond.toFixed(0)} GFLOP/s`,
    `other processes used ${load.otherCores.toFixed(2)} of ${load.cores} cores`,
    `load averages ${averages(load.before)} before, ${averages(load.after)} after`,
  ].join('; ');
}

/** Versions of everything that ran, each once. */
export function versionsOf(results: readonly PeersResult[]): Record<string, string> {
  const rows = results.flatMap(({ contenders: measured }) => measured);
  return Object.assign({}, ...rows.map(({ versions }) => versions)) as Record<string, string>;
}

function find(result: PeersResult, contender: ContenderName): ContenderResult | undefined {
  return result.contenders.find((row) => row.contender === contender);
}

function ratio(row: ContenderResult, reference: ContenderResult | undefined): string {
  return reference === undefined ? '–' : (row.imagesPerSecond / reference.imagesPerSecond).toFixed(2);
}

function formatRate(imagesPerSecond: number): string {
  return imagesPerSecond.toFixed(imagesPerSecond < 100 ? 1 : 0);
}
