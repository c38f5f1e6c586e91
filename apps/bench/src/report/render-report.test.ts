import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { lineChart } from './line-chart.ts';
import { renderReport, type Report } from './render-report.ts';

const chart = lineChart({ title: 'A', xLabel: 'x', yLabel: 'y', series: [{ name: 'a', points: [[0, 1], [1, 2]] }] }); // prettier-ignore

function report(text: string): Report {
  return {
    title: text,
    generatedAt: '2026-01-02T03:04:05.678Z',
    machine: [[text, text]],
    summary: [text],
    claims: [
      { id: text, claim: text, paper: text, ours: text, spread: text, n: 3, held: 'undecided', rule: text },
      { id: 'b', claim: text, paper: text, ours: text, spread: text, n: 1, held: 'yes' },
    ],
    sections: [
      {
        id: `id ${text}`,
        title: text,
        paragraphs: [text, text],
        charts: [chart],
        tables: [{ caption: text, head: [text, 'n'], rows: [[text, '1'], [text, '–']] }], // prettier-ignore
        commands: [text],
      },
      { id: 'empty', title: text, paragraphs: [], charts: [], tables: [] },
    ],
  };
}

/** The body as XML, which asks more than HTML does: every tag closed, every attribute quoted, every & escaped. */
function parseBody(html: string): Set<string> {
  const names = new Set<string>();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => names.add(name));
  parser.write(html.slice(html.indexOf('<body>'), html.indexOf('</html>'))).close();
  return names;
}

describe('renderReport', () => {
  it('is a whole document that needs nothing else', () => {
    const html = renderReport(report('text'));
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('@media print');
    const names = parseBody(html);
    for (const name of ['script', 'link', 'img', 'iframe']) expect(names.has(name)).toBe(false);
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|@import|src=/,
    );
  });

  it('contains everything it is given', () => {
    const html = renderReport(report('a word'));
    expect(html).toContain('<title>a word</title>');
    expect(html).toContain(chart);
    expect(html).toContain('2026-01-02 03:04 UTC');
    expect(html).toContain('? undecided');
    expect(html).toContain('✓ held');
    expect(html).toContain('<code>a word</code>');
    expect(html).toContain('<dt>a word</dt><dd>a word</dd>');
  });

  it('escapes hostile text everywhere', () => {
    const hostile = `"'><script>alert(1)</script><!--&`;
    const html = renderReport(report(hostile));
    expect(parseBody(html).has('script')).toBe(false);
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<!--');
    // title, heading, machine twice, summary, five cells of one claim and four of the other, and so on
    expect(html.split('&lt;script&gt;alert(1)&lt;/script&gt;').length - 1).toBeGreaterThan(20);
  });

  it('links to every section', () => {
    const html = renderReport(report('a "b" c'));
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(targets).toEqual(['claims', 'id-a-b-c', 'empty']);
    for (const id of targets) expect(html).toContain(`<section id="${id ?? ''}">`);
  });

  it('sets columns of numbers flush right', () => {
    const rows = [['resnet-20', '1.43 s', '21.9×', '84.10 %', '–', '+0.5 ± 0.2', '3 runs of 4']];
    const section = {
      id: 's',
      title: 's',
      paragraphs: [],
      charts: [],
      tables: [{ caption: 'c', head: rows[0] ?? [], rows }],
    };
    const html = renderReport({ ...report('t'), sections: [section] });
    const cells = [...html.matchAll(/<td( class="number")?>([^<]*)<\/td>/g)].map(([, right, text]) => [text, right !== undefined]); // prettier-ignore
    expect(cells).toEqual([
      ['resnet-20', false],
      ['1.43 s', true],
      ['21.9×', true],
      ['84.10 %', true],
      ['–', true],
      ['+0.5 ± 0.2', true],
      ['3 runs of 4', false],
    ]);
  });

  it('leaves out what there is none of', () => {
    const html = renderReport({ ...report('t'), machine: [], claims: [], sections: [] });
    for (const part of ['<dl>', '<nav', '<table', 'id="claims"']) expect(html).not.toContain(part);
    parseBody(html);
  });
});
