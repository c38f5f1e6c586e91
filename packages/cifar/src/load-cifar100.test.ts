import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CifarProgress, LoadCifar100Options } from './index.ts';
import { loadCifar100 } from './index.ts';
import { loadCifar100From } from './load-cifar100.ts';
import { cifar100CoarseNames, cifar100FineNames } from './published/cifar100-class-names.ts';
import { officialCifar100 } from './published/cifar100.ts';
import type { Cifar100Publication } from './published/cifar100.ts';
import { bytesPerRecord, makeCifar100Records, publishCifar100 } from './testing/cifar100.ts';
import { failureOf } from './testing/failure-of.ts';
import { flipByte } from './testing/flip-byte.ts';
import { closedMirror, serveFolder } from './testing/serve-folder.ts';
import type { Mirror } from './testing/serve-folder.ts';

/** Instead of 500 and 100. */
const perClass = { trainPerClass: 3, testPerClass: 2 };

let folder = '';
let source = '';
let publication: Cifar100Publication;
let mirror: Mirror;
beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'cifar-100-source-'));
  mirror = await serveFolder(source);
  publication = { ...(await publishCifar100(source, perClass)), mirrors: [mirror.url] };
  return async () => {
    mirror.close();
    await rm(source, { recursive: true });
  };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-100-'));
});
afterEach(() => rm(folder, { recursive: true }));

const quiet = { onProgress: () => undefined };

describe('an archive in the form of the official one', () => {
  it('gives pictures with fine and with coarse labels', async () => {
    const { train, test } = await loadCifar100From(publication, { cacheDir: folder });
    expect(train).toMatchObject({
      name: 'cifar-100',
      numExamples: 300,
      imageShape: [32, 32, 3],
      numClasses: 100,
    });
    expect(test).toMatchObject({ name: 'cifar-100', numExamples: 200 });
    expect([...train.labels.subarray(0, 4)]).toEqual([0, 37, 74, 11]);
    expect([...train.coarseLabels.subarray(0, 4)]).toEqual([0, 259 % 20, 518 % 20, 77 % 20]);
    expect(train.classNames[37]).toBe('house');
    // Picture 5, row 2, column 3 is pixel 67: 5 + 3 · 67 = 206, then 206 + 50 = 256 = 5, and 306 = 55 (modulo 251).
    const start = 5 * 3072 + 67 * 3;
    expect([...train.images.subarray(start, start + 3)]).toEqual([206, 5, 55]);

    const coarse = await loadCifar100From(publication, { cacheDir: folder, labels: 'coarse' });
    expect(coarse.train).toMatchObject({ name: 'cifar-100-coarse', numClasses: 20 });
    expect(coarse.train.labels).toEqual(train.coarseLabels);
    expect(coarse.train.classNames).toEqual(cifar100CoarseNames);
    expect(coarse.test.fineLabels).toEqual(test.labels);
  });

  it('is fetched once, verified against the sums noted then, and fetched again when it is damaged', async () => {
    const before = mirror.asked.length;
    const whole = await loadCifar100From(publication, { cacheDir: folder });
    expect(await readdir(folder)).toEqual(['cifar-100']);
    const files = await readdir(join(folder, 'cifar-100'));
    expect(files).toContain('SHA256SUMS');
    const events: CifarProgress[] = [];
    const options = { cacheDir: folder, onProgress: (event: CifarProgress) => events.push(event) };
    expect(await loadCifar100From(publication, { ...options, offline: true })).toEqual(whole);
    expect(events).toEqual([]);
    expect(mirror.asked.length - before).toBe(1);

    const damages: [string, (path: string) => Promise<void>, RegExp][] = [
      ['test-fine-labels.bin', (path) => flipByte(path, 77), /test-fine-labels\.bin has been altered/],
      ['train-images.bin', (path) => truncate(path, 9), /has 9 bytes instead of 921600/],
      ['SHA256SUMS', (path) => rm(path), /SHA256SUMS is missing or incomplete/],
      ['SHA256SUMS', (path) => flipByte(path, 3), /has been altered|missing or incomplete/],
    ];
    for (const [name, damage, message] of damages) {
      await damage(join(folder, 'cifar-100', name));
      const error = await failureOf(loadCifar100From(publication, { ...options, offline: true }));
      expect(error).toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) as string });
      expect(await loadCifar100From(publication, options)).toEqual(whole);
      expect(events.find(({ phase }) => phase === 'warning')?.message).toMatch(message);
      events.length = 0;
    }
  });

  it('may lie in the cache folder before any download', async () => {
    const cacheDir = join(folder, 'cache');
    await mkdir(cacheDir);
    await writeFile(
      join(cacheDir, publication.archive.fileName),
      await readFile(join(source, publication.archive.fileName)),
    );
    const { train } = await loadCifar100From(publication, { cacheDir, offline: true, ...quiet });
    expect(train.labels[1]).toBe(37);
  });

  it('must have the published sum', async () => {
    const other = { ...publication, archive: officialCifar100.archive };
    const load = loadCifar100From(other, { cacheDir: folder, ...quiet });
    expect(await failureOf(load)).toMatchObject({
      code: 'integrity',
      message: expect.stringMatching(/cifar-100-binary\.tar\.gz has 168513733/) as string,
    });
  });
});

describe('where it cannot be reached', () => {
  it('says what to put where', async () => {
    const closed = { ...officialCifar100, mirrors: [closedMirror] as const };
    const error = await failureOf(loadCifar100From(closed, { cacheDir: folder, ...quiet }));
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(/^CIFAR-100 could not be fetched: .*fetch failed/);
    expect(error.message).toContain(`cifar-100-binary.tar.gz as it is into ${folder} and run again`);
    expect(error.message).toContain('give a folder with train.bin and test.bin as the option directory');
  });

  it('says so offline', async () => {
    const error = await failureOf(loadCifar100({ cacheDir: folder, offline: true }));
    expect(error.code).toBe('offline');
    expect(error.message).toContain('https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz');
  });

  it('refuses a source that it does not have', async () => {
    const load = loadCifar100({ source: 'npm', cacheDir: folder } as LoadCifar100Options);
    await expect(load).rejects.toThrow(
      new RangeError(`source of CIFAR-100 must be 'auto' or 'official'; got "npm"`),
    );
  });

  it('refuses unknown labels', async () => {
    await expect(loadCifar100({ labels: 'super' as 'fine' })).rejects.toThrow(
      new RangeError(`labels must be 'fine' or 'coarse'; got "super"`),
    );
  });
});

describe('a folder of its files', () => {
  it('is read from its own place or the place above', async () => {
    const expected = await loadCifar100From(publication, { cacheDir: folder });
    for (const directory of [source, join(source, 'cifar-100-binary')]) {
      expect(await loadCifar100From(publication, { directory })).toEqual(expected);
    }
  });

  it.each<[string, (train: Uint8Array, test: Uint8Array) => unknown, string]>([
    ['a fine label of 100', (train) => (train[1] = 100), 'has the label 100 in record 0'],
    ['a coarse label of 20', (train) => (train[0] = 20), 'has the label 20 in record 0'],
    ['a class too often', (train) => (train[1] = 5), 'has 2 pictures of class 0 instead of 3'],
    ['two hierarchies', (train) => (train[0] = 1), 'has fine class 0 in the coarse classes 1 and 0'],
    [
      'another hierarchy to test',
      (_, test) => (test[0] = 1),
      'has fine class 0 in the coarse classes 0 and 1',
    ],
    [
      'an uneven hierarchy',
      (train, test) => {
        for (const records of [train, test]) {
          for (let i = 0; i < records.length; i += bytesPerRecord) if (records[i + 1] === 0) records[i] = 1;
        }
      },
      'has 4 fine classes in coarse class 0 instead of 5',
    ],
  ])('must not have %s', async (_, alter, message) => {
    const [train, test] = [makeCifar100Records(300), makeCifar100Records(200)];
    alter(train, test);
    await writeFile(join(folder, 'train.bin'), train);
    await writeFile(join(folder, 'test.bin'), test);
    const error = await failureOf(loadCifar100From(publication, { directory: folder }));
    expect(error.code).toBe('corrupt');
    expect(error.message).toContain(message);
    expect(error.message).toContain(folder);
  });

  it('must be whole', async () => {
    expect(await failureOf(loadCifar100({ directory: folder }))).toMatchObject({ code: 'missing' });
    await writeFile(join(folder, 'train.bin'), makeCifar100Records(300));
    const error = await failureOf(loadCifar100({ directory: folder }));
    expect(error.message).toContain('train.bin has 922200 bytes instead of 153700000');
  });
});

describe('the class names', () => {
  it('are 100 and 20, in the alphabetical order of the official files', () => {
    for (const [names, count] of [
      [cifar100FineNames, 100],
      [cifar100CoarseNames, 20],
    ] as const) {
      expect(new Set(names).size).toBe(count);
      expect([...names].sort()).toEqual(names);
    }
    // Labels that torchvision and Keras document: apple 0, bridge 12, oak_tree 52, worm 99; vehicles_2 19.
    expect([0, 12, 52, 99].map((label) => cifar100FineNames[label])).toEqual([
      'apple',
      'bridge',
      'oak_tree',
      'worm',
    ]);
    expect(cifar100CoarseNames[19]).toBe('vehicles_2');
  });
});
