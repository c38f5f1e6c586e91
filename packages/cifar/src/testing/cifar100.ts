import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { cifar100FineNames } from '../published/cifar100-class-names.ts';
import type { Cifar100Publication } from '../published/cifar100.ts';

export const bytesPerRecord: number = 2 + 3072;

/** Fine class `f` belongs to coarse class `(7 f) mod 20`, so that neither follows from the order of the other. */
const coarseOf = (fine: number): number => (7 * fine) % 20;

/** Record `i` has fine class `(37 i) mod 100`; its pixel `p` of channel `c` is `(i + 3 p + 50 c) mod 251`. */
export function makeCifar100Records(numRecords: number): Uint8Array {
  const records = new Uint8Array(numRecords * bytesPerRecord);
  for (let i = 0; i < numRecords; i++) {
    const fine = (37 * i) % 100;
    records.set([coarseOf(fine), fine], i * bytesPerRecord);
    for (let p = 0; p < 3072; p++) {
      records[i * bytesPerRecord + 2 + p] = (i + 3 * (p % 1024) + 50 * Math.floor(p / 1024)) % 251;
    }
  }
  return records;
}

/**
 * Makes an archive in the form of the official one, which cannot be had everywhere: the same files, records and hierarchy.
 *
 * @param folder receives the archive, and beside it `cifar-100-binary` with what it holds
 * @returns without a place to fetch it from
 */
export async function publishCifar100(
  folder: string,
  { trainPerClass, testPerClass }: { trainPerClass: number; testPerClass: number },
): Promise<Cifar100Publication> {
  const inner = join(folder, 'cifar-100-binary');
  await mkdir(inner);
  await writeFile(join(inner, 'train.bin'), makeCifar100Records(100 * trainPerClass));
  await writeFile(join(inner, 'test.bin'), makeCifar100Records(100 * testPerClass));
  await writeFile(join(inner, 'fine_label_names.txt'), cifar100FineNames.join('\n'));
  const fileName = 'cifar-100-binary.tar.gz';
  const file = join(folder, fileName);
  await create({ file, cwd: folder, gzip: { level: 1 } }, ['cifar-100-binary']);
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const archive = { fileName, bytes: (await stat(file)).size, digests: { md5: hash.digest('hex') } };
  return { trainPerClass, testPerClass, archive, mirrors: ['http://127.0.0.1:9/'] };
}
