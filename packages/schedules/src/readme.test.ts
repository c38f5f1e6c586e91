import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const blocks = [...readFileSync(`${folder}/README.md`, 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code]) => code,
);

it('has examples', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(3);
});

// Each runs as a program of its own, importing the package by its name.
it.each(blocks)('README example %#\n%s', (code = '') => {
  const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, shown]) => shown);
  expect(expected.length).toBeGreaterThan(0);
  const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(printed.trimEnd().split('\n')).toEqual(expected);
});
