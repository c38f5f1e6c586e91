import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBench } from '../testing/run-bench.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('bench peers', () => {
  it.each([
    [
      ['--models', 'resnet-50'],
      /resnet-50 is not written for PyTorch and TensorFlow; resnet-N and wrn-D-K are/,
    ],
    [['--contenders', 'jax'], /There is no jax; there are torch-eager, torch-compile, tensorflow-graph, /],
    [['--seconds', '0'], /--seconds.*It must be a number greater than 0/],
    [['--write', 'no-such-file.md'], /--write: can't read no-such-file.md/],
  ])('%j exits with 2 and says why', async (args, why) => {
    const { exitCode, stdout, stderr } = await runBench(['peers', ...args]);
    expect(stderr).toMatch(why);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('says what is missing where there is no Python, and what can be compared without', async () => {
    const environment = { PATH: folder, SUPERCONVERGENCE_CACHE: folder };
    const { exitCode, stderr } = await runBench(['peers', '--models', 'resnet-8'], { env: environment });
    expect(stderr).toMatch(/there is no Python 3.11, 3.12 or 3.13 .*--contenders tfjs-stock,ours-eager/);
    expect(exitCode).toBe(1);
  });

  it('says that pip can’t reach its index, and leaves nothing half-made', async () => {
    const environment = {
      SUPERCONVERGENCE_CACHE: folder,
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_NO_INDEX: '1',
      PIP_RETRIES: '0',
    };
    const { exitCode, stderr } = await runBench(['peers', '--models', 'resnet-8'], { env: environment });
    expect(stderr).toMatch(/error: Can't set up PyTorch and TensorFlow: pip could not install them \(.*\)/);
    expect(exitCode).toBe(1);
    expect(readdirSync(join(folder, 'peers'))).toEqual([]);
  });
});
