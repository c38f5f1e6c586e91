import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs a script in a page of headless Chromium and returns the page's text afterwards.
 *
 * @throws Error where there is no `chromium` on the PATH; CHROMIUM names another program.
 */
export async function runInChromium(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chromium-'));
  try {
    const page = join(folder, 'page.html');
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><body></body><script type="module">${script.replaceAll('</', '<\\/')}</script>`,
    );
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${folder}`,
      '--dump-dom',
    ];
    const { stdout } = await run(process.env.CHROMIUM ?? 'chromium', [...options, `file://${page}`], {
      maxBuffer: 1 << 28,
      timeout: 120_000,
    });
    return /<pre>(.*)<\/pre>/s.exec(stdout)?.[1] ?? '';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
