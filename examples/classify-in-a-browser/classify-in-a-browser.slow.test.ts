import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openInChromium, type Page } from './open-in-chromium.ts';
import { serve } from './serve.ts';

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'model-'));
  const script = fileURLToPath(new URL('train.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, '--epochs', '0.02', '--folder', folder]);
  server = await serve(0, folder);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** ‖a − b‖₂ / ‖b‖₂ */
function relativeDistance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? NaN))) / Math.hypot(...b);
}

async function finished(page: Page): Promise<unknown> {
  for (;;) {
    const state = await page.evaluate('document.body?.dataset.state');
    if (state !== undefined) return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it.each(['', 'cpu', 'webgl'])('the page computes what Node does, backend %j', async (backend) => {
  const page = await openInChromium(`${server.url}${backend && `?backend=${backend}`}`);
  try {
    const state = await finished(page);
    const status = String(await page.evaluate(`document.querySelector('#status').textContent`));
    expect(state, status).toBe('done');
    const used = /tfjs's (\w+) backend/.exec(status)?.[1];
    console.log(`backend ${backend || 'of its choice'}: ${status}`);
    if (backend !== '') expect(used).toBe(backend);

    const { logits, labels, classNames } = JSON.parse(
      readFileSync(join(folder, 'pictures.json'), 'utf8'),
    ) as {
      logits: number[][];
      labels: number[];
      classNames: string[];
    };
    const shown = JSON.parse(
      String(await page.evaluate(`document.querySelector('#logits').textContent`)),
    ) as number[][];
    expect(shown).toHaveLength(20);
    for (const [i, row] of logits.entries()) {
      expect(shown[i]).toHaveLength(10);
      expect(relativeDistance(shown[i] ?? [], row)).toBeLessThan(1e-4);
    }

    const textsOf = async (selector: string) =>
      (await page.evaluate(
        `[...document.querySelectorAll('#pictures ${selector}')].map((element) => element.textContent)`,
      )) as string[];
    const predictions = logits.map((row) => classNames[row.indexOf(Math.max(...row))]);
    const truth = labels.map((label) => classNames[label]);
    expect(await textsOf('.predicted')).toEqual(predictions);
    expect(await textsOf('.true')).toEqual(truth);
    const numRight = predictions.filter((prediction, i) => prediction === truth[i]).length;
    expect(await textsOf('.right .predicted')).toHaveLength(numRight);
    expect(status).toMatch(new RegExp(`^${numRight} of 20 right`));
    expect(await textsOf('.probability')).toEqual(
      logits.map((row) => {
        const sum = row.reduce((total, logit) => total + Math.exp(logit - Math.max(...row)), 0);
        return `${(100 / sum).toFixed(1)} %`;
      }),
    );
  } finally {
    await page.close();
  }
});

it('serves nothing else', async () => {
  for (const path of ['model/', 'package.json', '../../package.json', 'serve.ts', '%2e%2e/serve.ts']) {
    expect((await fetch(server.url + path)).status).toBe(404);
  }
});

it('says what to do where there is no model', async () => {
  const empty = await serve(0, join(folder, 'none'));
  const page = await openInChromium(empty.url);
  try {
    expect(await finished(page)).toBe('failed');
    expect(await page.evaluate(`document.querySelector('#status').textContent`)).toBe(
      'It failed: model/pictures.json is missing: run the script `train` first',
    );
  } finally {
    await page.close();
    empty.close();
  }
});
