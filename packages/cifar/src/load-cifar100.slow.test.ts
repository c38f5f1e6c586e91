import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadCifar100From } from './load-cifar100.ts';
import { officialCifar100 } from './published/cifar100.ts';
import { publishCifar100 } from './testing/cifar100.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-100-slow-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('decodes an archive of the official size, put by hand into the cache folder', async () => {
  const publication = await publishCifar100(folder, officialCifar100);
  const { train, test } = await loadCifar100From(publication, { cacheDir: folder, offline: true });
  expect([train.numExamples, test.numExamples]).toEqual([50_000, 10_000]);
  expect(train.images).toHaveLength(50_000 * 3072);
  // The last picture: fine class (37 · 49,999) mod 100 = 63; its first pixels are (49,999 + 50 c) mod 251.
  expect(train.labels.at(-1)).toBe(63);
  expect([...train.images.subarray(-3072, -3069)]).toEqual([49_999 % 251, 50_049 % 251, 50_099 % 251]);

  await rm(join(folder, publication.archive.fileName));
  await rename(join(folder, 'cifar-100-binary'), join(folder, 'elsewhere'));
  const again = await loadCifar100From(publication, { cacheDir: folder, offline: true, labels: 'coarse' });
  expect(again.test.fineLabels).toEqual(test.labels);
});
