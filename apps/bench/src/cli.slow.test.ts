import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastJson, runBench } from './testing/run-bench.ts';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

describe('Ctrl-C', () => {
  it('has the prompt back within 2 seconds in the middle of a long step', async () => {
    const args = ['timing', '--models', 'wrn-16-10', '--batch', '64', '--results', results];
    const { exitCode, milliseconds, stdout } = await runBench(args, {
      interruptAt: /wrn-16-10: 10 iterations/,
    });
    expect(milliseconds).toBeLessThan(2_000);
    expect(exitCode).toBe(130);
    expect(stdout).toBe('');
  });
});

describe('reproduce', () => {
  const args = ['--budget', '0.5', '--json'];

  it('interrupted, gone on with, and repeated gives one result and a report', async () => {
    const interrupted = await runBench([...args, '--results', results], { interruptAt: /images\/s/ });
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.milliseconds).toBeLessThan(2_000);
    expect(interrupted.stderr).toContain(
      `Go on with: npx -y pnpm@12 bench --budget 0.5 --results ${results}`,
    );

    const first = lastJson(await runBench([...args, '--results', results])) as Reproduced;
    expect(first).toMatchObject({
      preset: 'quick',
      engine: { native: true },
      report: join(results, 'report.html'),
    });
    expect(first.claims.length).toBeGreaterThanOrEqual(5);
    for (const claim of first.claims) {
      expect(['yes', 'no', 'undecided']).toContain(claim.held);
      expect(claim.n).toBeGreaterThanOrEqual(1);
    }
    const html = readFileSync(first.report, 'utf8');
    for (const { id } of first.claims) expect(html).toContain(`id="claim-${id.replaceAll('/', '-')}"`);

    const again = lastJson(await runBench([...args, '--results', results])) as Reproduced;
    expect(again.claims).toEqual(first.claims);
    expect(again.seconds).toBeLessThan(first.seconds / 2);

    rmSync(first.report);
    expect(lastJson(await runBench(['report', results, '--json']))).toEqual({ report: first.report });
    expect(readFileSync(first.report, 'utf8').length).toBeGreaterThan(html.length * 0.9);
  });
});

interface Reproduced {
  readonly seconds: number;
  readonly report: string;
  readonly claims: readonly { readonly id: string; readonly held: string; readonly n: number }[];
}
