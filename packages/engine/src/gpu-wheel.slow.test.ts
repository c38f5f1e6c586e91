import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineCacheFolder } from './cache-folder.ts';
import { hasNvidiaDriver } from './device.ts';
import { runBin } from './testing/run-engine.ts';

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(dirname(engineCacheFolder()), 'test-gpu-'));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** 572 MB are downloaded, once: the second installation finds the wheel that the killed one had finished. */
describe('the GPU wheel', () => {
  it('survives an installer killed while it unpacks', async () => {
    const bin = fileURLToPath(new URL('./bin.ts', import.meta.url));
    const args = [bin, 'install', '--device', 'gpu', '--no-cuda', '--cache-dir', cacheDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8');
    for await (const text of child.stderr) {
      said += String(text);
      if (said.includes('unpacking')) break;
    }
    expect(said).toContain('573 MB to download');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect((await readdir(join(cacheDir, 'downloads'))).filter((name) => name.endsWith('.whl'))).toHaveLength(
      1,
    );

    const { status, stderr } = await runBin(args.slice(1));
    expect(stderr).toContain('nothing to download');
    expect(stderr).not.toContain('downloading tensorflow');
    expect(status, stderr).toBe(0);
    expect(await readdir(join(cacheDir, 'downloads'))).toEqual([]);
  });

  it('runs on the CPU where there is no NVIDIA driver', async () => {
    const { status, stdout, stderr } = await runBin([
      'describe',
      '--json',
      '--device',
      'gpu',
      '--no-cuda',
      '--offline',
      '--cache-dir',
      cacheDir,
    ]);
    expect(status, stderr).toBe(0);
    const device = hasNvidiaDriver() ? 'gpu' : 'cpu';
    if (device === 'cpu')
      expect(JSON.parse(stdout)).toMatchObject({ native: true, tensorflow: '2.21.0', device });
    else expect(JSON.parse(stdout)).toMatchObject({ native: true, tensorflow: '2.21.0' });
    expect(stderr).toBe('');
  });
});
