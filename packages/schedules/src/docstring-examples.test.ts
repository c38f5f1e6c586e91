import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));

const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'),
);

/** Lines of code after `@example`; those that import something of others can't be run here. */
const examples = sources.flatMap((file) => {
  const source = readFileSync(join(folder, file), 'utf8');
  return [...source.matchAll(/@example\n((?: \*(?! @).*\n)+?)(?= \* @| \*\/)/g)]
    .map(([, lines = '']) => lines.replaceAll(/^ \* ?/gm, ''))
    .filter((code) => !code.includes('import ') && !code.includes('await '))
    .map((code) => ({ file, code }));
});

it('there are many', () => {
  expect(examples.length).toBeGreaterThan(80);
});

it.each(examples)('$file: $code', async ({ file, code }) => {
  const own = file.includes('/') ? `./${file.split('/')[0] ?? ''}/index.ts` : './index.ts';
  const library = await import('./index.ts');
  const names: Record<string, unknown> = { ...library };
  if (/^\.\/(torch|fastai|optax|keras|caffe)\//.test(own)) Object.assign(names, await import(own));
  const compared: [string, string][] = [];
  const compare = (value: unknown, shown: string) => compared.push([plain(inspect(value)), plain(shown)]);
  const program = code.replaceAll(
    /^(?!const )(.*); \/\/ (.*)$/gm,
    (_, expression: string, shown: string) => `compare(${expression}, ${JSON.stringify(shown)});`,
  );
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is documented is run
  new Function('compare', ...Object.keys(names), `{ ${program} }`)(compare, ...Object.values(names));
  expect(compared.length).toBeGreaterThan(0);
  for (const [value, shown] of compared) expect(value).toBe(shown);
});

function plain(text: string): string {
  return text.replaceAll(/\s/g, '');
}
