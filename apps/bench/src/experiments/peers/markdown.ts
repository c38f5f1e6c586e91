import { readFileSync } from 'node:fs';
import { BenchError } from '../../errors.ts';
import { writeFileAtomically } from '../../files.ts';
import { formatBytes } from '../../progress.ts';
import type { PeersResult } from './summary.ts';
import { describeRounds, describeWorkload, peersTable, versionsOf } from './table.ts';

const beginMark = '<!-- peers:begin -->';
const endMark = '<!-- peers:end -->';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** The generated part of docs/benchmarks.md: date, machine and versions, then a table for each model. */
export function peersMarkdown(results: readonly PeersResult[], machine: Machine, date: Date): string {
  const versions = Object.entries(versionsOf(results)).map(([name, version]) => `${name} ${version}`);
  const sections = results.map((result) => {
    const { head, rows, notes } = peersTable(result);
    return [
      `### ${describeWorkload(result)}`,
      markdownTable(head, rows),
      ...notes.map(escapeMarkdown),
      `${describeRounds(result)}.`,
    ].join('\n\n');
  });
  const day = date.toISOString().slice(0, 10);
  const where = `${machine.cpu.trim()}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)} of memory`;
  return [`${day}; ${where}; ${versions.join(', ')}.`, ...sections].join('\n\n');
}

/**
 * Replaces the generated part of a Markdown file.
 *
 * @throws {BenchError} `usage` when the file can't be read or has no marks
 */
export function writeGeneratedPart(file: string, markdown: string): void {
  const { before, after } = splitAtMarks(file);
  writeFileAtomically(file, `${before}${beginMark}\n\n${markdown}\n\n${endMark}${after}`);
}

/** The parts of a file around the generated one; also the check, before measuring, that it has one. */
export function splitAtMarks(file: string): { before: string; after: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BenchError('usage', `--write: can't read ${file}`, { cause });
  }
  const [begin, end] = [text.indexOf(beginMark), text.indexOf(endMark)];
  if (begin < 0 || end < begin) {
    throw new BenchError('usage', `--write: ${file} must have the lines ${beginMark} and ${endMark}`);
  }
  return { before: text.slice(0, begin), after: text.slice(end + endMark.length) };
}

/** The first column to the left, numbers to the right, padded as prettier does. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&');
}
