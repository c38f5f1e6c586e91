import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('runs, says how fast both are, and that their losses agree', async () => {
  const script = fileURLToPath(new URL('index.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  for (const line of [/^eager +\d+\.\d steps\/s/m, /^compiled +\d+\.\d steps\/s/m, /^speed-up +\d+\.\d×/m]) {
    expect(stdout).toMatch(line);
  }
  const [, firstLoss, lastLoss] = /^compiled .* loss ([\d.]+) → ([\d.]+)$/m.exec(stdout) ?? [];
  expect(Number(lastLoss)).toBeLessThan(Number(firstLoss));
  expect(Number(/differ by at most (\S+)/.exec(stdout)?.[1])).toBeLessThan(1e-3);
});
