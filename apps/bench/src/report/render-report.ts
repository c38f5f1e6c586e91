import { escapeMarkup } from './escape.ts';
import { reportStyle } from './report-style.ts';

/** A statement of a paper, and what this machine says to it. */
type ReportClaim = {
  readonly id: string;
  readonly claim: string;
  /** What the paper reports, with its unit. */
  readonly paper: string;
  readonly ours: string;
  readonly spread: string;
  /** Number of runs. */
  readonly n: number;
  readonly held: 'yes' | 'no' | 'undecided';
  /** How `held` was decided. */
  readonly rule?: string;
};

/** A table with a caption; columns of numbers are set flush right. */
type ReportTable = {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** One experiment. */
export type ReportSection = {
  /** For links to it, unique in the report. */
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Markup, taken over as it is: what {@link lineChart} returns. */
  readonly charts: readonly string[];
  readonly tables: readonly ReportTable[];
  /** How to do it again. */
  readonly commands?: readonly string[];
};

/** What {@link renderReport} shows. Everything but the charts is plain text. */
export type Report = {
  readonly title: string;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Label and value. */
  readonly machine: readonly (readonly [string, string])[];
  readonly summary: readonly string[];
  readonly claims: readonly ReportClaim[];
  readonly sections: readonly ReportSection[];
};

/**
 * Sets a report as one HTML document: nothing outside it is needed or fetched, no script runs. It is light or dark
 * as its reader prefers, fits a phone, and prints.
 */
export function renderReport(report: Report): string {
  const { title, generatedAt, machine, summary, claims, sections } = report;
  const parts = [...(claims.length > 0 ? [{ id: 'claims', title: 'Claims' }] : []), ...sections];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${escapeMarkup(title)}</h1>`,
    `<p class="when"><time datetime="${escapeMarkup(generatedAt)}">${escapeMarkup(readableTime(generatedAt))}</time></p>`,
    ...summary.map((paragraph) => `<p class="lead">${escapeMarkup(paragraph)}</p>`),
    renderMachine(machine),
    parts.length > 1 ? renderContents(parts) : '',
    '</header>',
    '<main>',
    claims.length > 0 ? renderClaims(claims) : '',
    ...sections.map(renderSection),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function renderMachine(machine: Report['machine']): string {
  if (machine.length === 0) return '';
  const rows = machine.map(
    ([label, value]) => `<dt>${escapeMarkup(label)}</dt><dd>${escapeMarkup(value)}</dd>`,
  );
  return `<dl>${rows.join('')}</dl>`;
}

function renderContents(parts: readonly { id: string; title: string }[]): string {
  const links = parts.map(
    ({ id, title }) => `<li><a href="#${encodeId(id)}">${escapeMarkup(title)}</a></li>`,
  );
  return `<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`;
}

const verdicts = { yes: '✓ held', no: '✗ did not hold', undecided: '? undecided' } as const;

function renderClaims(claims: readonly ReportClaim[]): string {
  const head = ['Claim', 'Paper', 'Ours', 'Spread', 'Runs', 'Verdict'];
  const cell = (label: string, content: string, style = '') =>
    `<td role="cell" data-label="${label}"${style && ` class="${style}"`}><span>${content}</span></td>`;
  const rows = claims.map(({ id, claim, paper, ours, spread, n, held, rule }) => {
    const how = rule === undefined ? '' : `<span class="rule">${escapeMarkup(rule)}</span>`;
    return [
      `<tr role="row" id="${escapeMarkup(`claim-${encodeId(id)}`)}"><th role="rowheader" scope="row">${escapeMarkup(claim)}${how}</th>`,
      cell('Paper', escapeMarkup(paper)),
      cell('Ours', escapeMarkup(ours)),
      cell('Spread', escapeMarkup(spread)),
      cell('Runs', String(n)),
      cell('Verdict', verdicts[held], `held ${held}`),
      '</tr>',
    ].join('');
  });
  // On a phone each row becomes a block of its own, which would cost the table its meaning without the roles.
  return [
    '<section id="claims"><h2>Claims</h2>',
    '<table class="claims" role="table"><thead role="rowgroup"><tr role="row">',
    ...head.map((label) => `<th role="columnheader" scope="col">${label}</th>`),
    `</tr></thead><tbody role="rowgroup">${rows.join('\n')}</tbody></table></section>`,
  ].join('');
}

function renderSection({ id, title, paragraphs, charts, tables, commands = [] }: ReportSection): string {
  return [
    `<section id="${encodeId(id)}"><h2>${escapeMarkup(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${escapeMarkup(paragraph)}</p>`),
    charts.length > 0 ? `<div class="charts">\n${charts.join('\n')}\n</div>` : '',
    ...tables.map(renderTable),
    commands.length > 0
      ? `<div class="commands"><p>To do it again</p><pre><code>${escapeMarkup(commands.join('\n'))}</code></pre></div>`
      : '',
    '</section>',
  ].join('\n');
}

function renderTable({ caption, head, rows }: ReportTable): string {
  const numeric = head.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')));
  const style = (content: string, column: number, longest: number) => {
    const names = [numeric[column] ? 'number' : '', content.length > longest ? 'long' : ''].filter(Boolean);
    return names.length > 0 ? ` class="${names.join(' ')}"` : '';
  };
  const headCells = head.map((label, column) => {
    return `<th scope="col"${style(label, column, longLabel)}>${escapeMarkup(label)}</th>`;
  });
  const body = rows.map((row) => {
    const cells = row.map(
      (content, column) => `<td${style(content, column, longCell)}>${escapeMarkup(content)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return [
    `<figure><figcaption>${escapeMarkup(caption)}</figcaption>`,
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeMarkup(caption)}">`,
    `<table><thead><tr>${headCells.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div></figure>`,
  ].join('');
}

/** Longer cells and column heads break into lines. */
const longCell = 40;
const longLabel = 16;

/** A number with or without sign, unit or spread; a dash stands for a missing one. */
function isNumber(content: string): boolean {
  return /^([-–—]|[+−-]?\d[\d.,]*([eE][+-]?\d+)?( ?(±|×).*| ?[^\d\s]{1,9})?)$/u.test(content);
}

/** An id without spaces, the same in the element and in the link to it. */
function encodeId(id: string): string {
  return id.replace(/[^\w.-]+/g, '-');
}

/** `2026-11-24T04:00:00.000Z` as `2026-11-24 04:00 UTC`; anything else as it is. */
function readableTime(time: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/.exec(time);
  return match ? `${match[1]} ${match[2]} UTC` : time;
}
