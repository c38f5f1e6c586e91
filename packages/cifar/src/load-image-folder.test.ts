import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { encode } from 'fast-png';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CifarProgress } from './index.ts';
import { createBatchSource, loadImageFolder } from './index.ts';
import { failureOf } from './testing/failure-of.ts';
import { jpegs } from './testing/jpegs.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A picture of one value everywhere. */
async function write(
  name: string,
  value: number,
  { width = 4, height = 3, channels = 3 }: { width?: number; height?: number; channels?: 1 | 3 } = {},
): Promise<void> {
  const data = new Uint8Array(width * height * channels).fill(value);
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), encode({ width, height, channels, depth: 8, data }));
}

const firstValues = ({
  images,
  numExamples,
}: {
  images: Uint8Array;
  numExamples: number;
}): (number | undefined)[] =>
  Array.from({ length: numExamples }, (_, i) => images[(i * images.length) / numExamples]);

describe('a folder with train and test', () => {
  beforeEach(async () => {
    for (const [i, name] of [
      'train/dog/b.png',
      'train/dog/a.PNG',
      'train/cat/deep/c.png',
      'train/Zebra/d.png',
    ].entries())
      await write(name, 10 * (i + 1));
    for (const [i, name] of ['test/cat/x.png', 'test/dog/y.png', 'test/Zebra/z.png'].entries())
      await write(name, 100 + i);
  });

  it('gives both, classes by sorted name, examples spread over them', async () => {
    const { train, test } = await loadImageFolder(folder, { name: 'animals' });
    expect(train).toMatchObject({
      name: 'animals',
      numExamples: 4,
      imageShape: [3, 4, 3],
      numClasses: 3,
      // Capitals come first, as in Python.
      classNames: ['Zebra', 'cat', 'dog'],
    });
    expect(train.files.map((path) => relative(folder, path))).toEqual([
      'train/dog/a.PNG',
      'train/Zebra/d.png',
      'train/cat/deep/c.png',
      'train/dog/b.png',
    ]);
    expect([...train.labels]).toEqual([2, 0, 1, 2]);
    expect(firstValues(train)).toEqual([20, 40, 30, 10]);
    expect(test.classNames).toEqual(train.classNames);
    expect([...test.labels]).toEqual([0, 1, 2]);
    expect(firstValues(test)).toEqual([102, 100, 101]);
    const batch = createBatchSource({ dataset: train }).batch({ epoch: 0, index: 0, batchSize: 4, seed: 0 });
    expect(batch.images).toHaveLength(4 * 36);
  });

  it.each(['val', 'valid', 'validation'])('takes %s for test', async (name) => {
    await rename(join(folder, 'test'), join(folder, name));
    expect((await loadImageFolder(folder)).test.numExamples).toBe(3);
  });

  it('says what it leaves out', async () => {
    await cp(join(folder, 'test'), join(folder, 'val'), { recursive: true });
    await writeFile(join(folder, 'train/cat/note.txt'), 'no picture');
    await writeFile(join(folder, 'train/cat/.hidden'), '');
    const warnings: CifarProgress[] = [];
    await loadImageFolder(folder, { onProgress: (event) => warnings.push(event) });
    expect(warnings).toEqual([
      {
        phase: 'warning',
        message: `1 files in ${join(folder, 'train/cat')} are neither PNG nor JPEG and are not read, note.txt for example`,
      },
      { phase: 'warning', message: `${join(folder, 'val')} is not used beside test` },
    ]);
  });

  it('leaves out what is hidden, at any depth', async () => {
    await write('train/cat/.ipynb_checkpoints/c-checkpoint.png', 1);
    await write('train/cat/deep/.cache/more/c.png', 1);
    await write('train/.git/objects/c.png', 1);
    const { train } = await loadImageFolder(folder);
    expect(train.classNames).toEqual(['Zebra', 'cat', 'dog']);
    expect(firstValues(train)).toEqual([20, 40, 30, 10]);
  });

  it('must not have a class to test only, nor a class without pictures', async () => {
    await write('test/emu/a.png', 1);
    expect(await failureOf(loadImageFolder(folder))).toMatchObject({
      code: 'unusable',
      message: `${join(folder, 'test/emu')} is a class that ${join(folder, 'train')} does not have.`,
    });
    await rm(join(folder, 'test/emu'), { recursive: true });
    await rm(join(folder, 'test/cat/x.png'));
    expect(await failureOf(loadImageFolder(folder))).toMatchObject({
      code: 'missing',
      message: expect.stringContaining(`${join(folder, 'test/cat')} holds no PNG or JPEG`) as string,
    });
  });
});

describe('a folder of classes', () => {
  beforeEach(async () => {
    for (let i = 0; i < 10; i++) await write(`plane/${i}.png`, i);
    for (let i = 0; i < 20; i++) await write(`train/${i}.png`, 100 + i);
  });

  it('is split by class and seed, a class called train included', async () => {
    const { train, test } = await loadImageFolder(folder);
    expect(train.classNames).toEqual(['plane', 'train']);
    expect([...train.labels].filter((label) => label === 0)).toHaveLength(8);
    expect([...test.labels].filter((label) => label === 0)).toHaveLength(2);
    expect([train.numExamples, test.numExamples]).toEqual([24, 6]);
    expect(new Set([...train.files, ...test.files]).size).toBe(30);

    const again = await loadImageFolder(folder);
    expect(again).toEqual({ train, test });
    const other = await loadImageFolder(folder, { seed: 1, testShare: 0.5 });
    expect(other.test.numExamples).toBe(15);
    expect(other.test.files).not.toEqual(test.files);
    // The smaller test set of a seed lies in the larger one.
    const larger = await loadImageFolder(folder, { testShare: 0.5 });
    expect(test.files.filter((file) => !larger.test.files.includes(file))).toEqual([]);
  });

  it('tests on every class that has two pictures and trains on every class, whatever the share', async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 5 });
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(counts, share, share, fc.nat(), async (sizes, a, b, seed) => {
        fc.pre(sizes.some((size) => size >= 2));
        const directory = await mkdtemp(join(folder, 'classes-'));
        for (const [label, size] of sizes.entries()) {
          for (let i = 0; i < size; i++)
            await write(join(relative(folder, directory), `${label}/${i}.png`), i);
        }
        const load = (testShare: number) => loadImageFolder(directory, { testShare, seed });
        const [smaller, larger] = [await load(Math.min(a, b)), await load(Math.max(a, b))];
        for (const { train, test } of [smaller, larger]) {
          expect(new Set([...train.files, ...test.files]).size).toBe(train.numExamples + test.numExamples);
          for (const [label, size] of sizes.entries()) {
            const countOf = (labels: ArrayLike<number>) =>
              Array.from(labels).filter((l) => l === label).length;
            expect(countOf(train.labels) + countOf(test.labels)).toBe(size);
            expect(countOf(train.labels)).toBeGreaterThanOrEqual(1);
            expect(countOf(test.labels)).toBeGreaterThanOrEqual(size >= 2 ? 1 : 0);
          }
        }
        expect(smaller.test.files.filter((file) => !larger.test.files.includes(file))).toEqual([]);
        expect(await load(Math.min(a, b))).toEqual(smaller);
      }),
      { numRuns: 30 },
    );
  });

  it('may be links', async () => {
    const linked = await mkdtemp(join(tmpdir(), 'image-folder-links-'));
    await symlink(join(folder, 'plane'), join(linked, 'a'));
    await symlink(join(folder, 'train'), join(linked, 'b'));
    expect((await loadImageFolder(linked)).train.classNames).toEqual(['a', 'b']);
    await rm(linked, { recursive: true });
  });
});

describe('the pictures', () => {
  it('are grey where all are, RGB otherwise, or as asked', async () => {
    await write('a/1.png', 50, { channels: 1 });
    await write('a/2.png', 50, { channels: 1 });
    await write('b/3.png', 60, { channels: 1 });
    const options = { testShare: 0.34 };
    expect((await loadImageFolder(folder, options)).train.imageShape).toEqual([3, 4, 1]);
    expect((await loadImageFolder(folder, { ...options, channels: 3 })).train.imageShape).toEqual([3, 4, 3]);
    await write('b/4.png', 60);
    const mixed = await loadImageFolder(folder, options);
    expect(mixed.train.imageShape).toEqual([3, 4, 3]);
    expect(new Set([...firstValues(mixed.train), ...firstValues(mixed.test)])).toEqual(new Set([50, 60]));
    expect((await loadImageFolder(folder, { ...options, channels: 1 })).train.imageShape).toEqual([3, 4, 1]);
  });

  it('may be JPEG, and are brought to one size when it is given', async () => {
    await write('a/1.png', 50);
    await write('a/2.png', 50);
    await mkdir(join(folder, 'b'));
    await writeFile(join(folder, 'b/3.jpg'), jpegs.baseline.bytes);
    await writeFile(join(folder, 'b/4.JPEG'), jpegs.grey.bytes);
    const { train, test } = await loadImageFolder(folder, { size: [8, 6], testShare: 0.5 });
    expect(train.imageShape).toEqual([8, 6, 3]);
    expect(train.images).toHaveLength(2 * 8 * 6 * 3);
    expect(test.numExamples).toBe(2);

    const error = await failureOf(loadImageFolder(folder));
    expect(error.code).toBe('unusable');
    expect(error.message).toMatch(
      /is (4 × 3|24 × 16) pixels \(width × height\), but .* is (4 × 3|24 × 16): give a size/,
    );
  });

  it('must be sound: the error names the file', async () => {
    await write('a/1.png', 50);
    await write('b/2.png', 50);
    await writeFile(join(folder, 'a/broken.png'), 'GIF89a');
    expect(await failureOf(loadImageFolder(folder, { testShare: 0.34 }))).toMatchObject({
      code: 'corrupt',
      message: `${join(folder, 'a/broken.png')} is neither a PNG nor a JPEG. Replace or remove it.`,
    });
    await writeFile(join(folder, 'a/broken.png'), (await readFile(join(folder, 'a/1.png'))).subarray(0, 40));
    expect(await failureOf(loadImageFolder(folder, { testShare: 0.34 }))).toMatchObject({
      code: 'corrupt',
      message: `${join(folder, 'a/broken.png')} is not a sound PNG: it breaks off. Replace or remove it.`,
    });
  });

  it('are what their content says, not their name', async () => {
    await write('a/1.png', 50);
    await write('b/2.png', 50);
    await rename(join(folder, 'b/2.png'), join(folder, 'b/2.jpg'));
    await writeFile(join(folder, 'a/3.png'), jpegs.baseline.bytes);
    const { train, test } = await loadImageFolder(folder, { size: 4 });
    expect(train.numExamples + test.numExamples).toBe(3);
  });
});

describe('wrong folders and options', () => {
  it('names a folder that is not there, no folder, or without classes', async () => {
    expect(await failureOf(loadImageFolder(join(folder, 'none')))).toMatchObject({
      code: 'missing',
      message: `${join(folder, 'none')} is not there.`,
    });
    await writeFile(join(folder, 'file'), '');
    expect((await failureOf(loadImageFolder(join(folder, 'file')))).message).toMatch(/file is no folder\.$/);
    await write('one/1.png', 1);
    expect(await failureOf(loadImageFolder(folder))).toMatchObject({
      code: 'unusable',
      message: `${folder} has 1 folders of pictures: it takes at least two, one for each class.`,
    });
    await write('two/1.png', 1);
    expect(await failureOf(loadImageFolder(folder))).toMatchObject({
      code: 'unusable',
      message: `${folder} has one picture of each class: it takes two, one to train on and one to test on.`,
    });
  });

  it.each([
    [{ size: 0 }, 'size must be one or two integers from 1 to 4096; got [0, 0]'],
    [{ size: [32] as unknown as [32, 32] }, 'size must be one or two integers from 1 to 4096; got [32]'],
    [{ channels: 4 as 3 }, 'channels must be 1 or 3; got 4'],
    [{ testShare: 0 }, 'testShare must be above 0 and below 1; got 0'],
    [{ testShare: NaN }, 'testShare must be above 0 and below 1; got NaN'],
  ])('refuses %o', async (options, message) => {
    await expect(loadImageFolder(folder, options)).rejects.toThrow(new RangeError(message));
  });

  it('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(loadImageFolder(folder, { signal })).rejects.toThrow('enough');
  });
});
