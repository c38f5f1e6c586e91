import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { bytesPerImage, parseCifarRecords } from '../parsers/parse-cifar-records.ts';
import { readTarGz } from '../parsers/read-tar-gz.ts';
import { readInnerFile } from './inner-file.ts';
import type { Archive, Arrays, Recipe, Watch } from './recipe.ts';

export type Cifar100Array =
  'trainImages' | 'trainFine' | 'trainCoarse' | 'testImages' | 'testFine' | 'testCoarse';

const numFine = 100;
const numCoarse = 20;
/** The archive's folder. */
const innerFolder = 'cifar-100-binary';

/** What is published, and where. Tests make smaller ones. */
export interface Cifar100Publication {
  readonly trainPerClass: number;
  readonly testPerClass: number;
  readonly archive: Archive;
  readonly mirrors: readonly [string, ...string[]];
}

/**
 * The binary version from the authors' page, with the MD5 given there and the SHA-256 that TensorFlow Datasets pins. Each
 * record is the coarse label, the fine label and the picture.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const officialCifar100: Cifar100Publication = {
  trainPerClass: 500,
  testPerClass: 100,
  archive: {
    fileName: 'cifar-100-binary.tar.gz',
    bytes: 168_513_733,
    digests: {
      md5: '03b5dce01913d631647c71ecec9e9cb8',
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    },
  },
  mirrors: ['https://www.cs.toronto.edu/~kriz/'],
};

/** How CIFAR-100 comes into the cache. The sums of the arrays are noted there when it is filled. */
export function cifar100Recipe(publication: Cifar100Publication): Recipe<Cifar100Array> {
  const { archive, mirrors } = publication;
  const files = Object.fromEntries(
    (['train', 'test'] as const).flatMap((part) => {
      const numExamples = numExamplesOf(publication, part);
      return [
        [`${part}Images`, { file: `${part}-images.bin`, bytes: numExamples * bytesPerImage }],
        [`${part}Fine`, { file: `${part}-fine-labels.bin`, bytes: numExamples }],
        [`${part}Coarse`, { file: `${part}-coarse-labels.bin`, bytes: numExamples }],
      ];
    }),
  ) as Recipe<Cifar100Array>['files'];
  return {
    title: 'CIFAR-100',
    folder: 'cifar-100',
    files,
    sources: [
      {
        kind: 'official',
        archives: [archive],
        mirrors,
        decode: (folder, watch) => decodeArchive(join(folder, archive.fileName), publication, watch),
      },
    ],
    directoryFiles: 'train.bin and test.bin',
  };
}

/**
 * Reads CIFAR-100 from a folder with `train.bin` and `test.bin`, or from the folder that holds `cifar-100-binary`. Labels,
 * their numbers and that each fine class belongs to one coarse class are checked; the pixels cannot be.
 *
 * @throws {CifarError} `missing` or `corrupt`, naming the file
 */
export async function readCifar100Folder(
  folder: string,
  publication: Cifar100Publication,
): Promise<Arrays<Cifar100Array>> {
  const wanted = 'train.bin and test.bin of the binary version of CIFAR-100';
  const read = async (part: Part): Promise<Partial<Arrays<Cifar100Array>>> => {
    const name = `${part}.bin`;
    const { path, bytes } = await readInnerFile(folder, { inner: innerFolder, name, wanted });
    return parsePart(part, bytes, path, publication);
  };
  const arrays = { ...(await read('train')), ...(await read('test')) } as Arrays<Cifar100Array>;
  requireOneHierarchy(arrays, folder);
  return arrays;
}

type Part = 'train' | 'test';

function numExamplesOf({ trainPerClass, testPerClass }: Cifar100Publication, part: Part): number {
  return numFine * (part === 'train' ? trainPerClass : testPerClass);
}

async function decodeArchive(
  path: string,
  publication: Cifar100Publication,
  { onProgress, signal }: Watch,
): Promise<Arrays<Cifar100Array>> {
  const parts = (['train', 'test'] as const).map((part) => ({
    part,
    name: `${part}.bin`,
    bytes: numExamplesOf(publication, part) * (2 + bytesPerImage),
  }));
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let arrays: Partial<Arrays<Cifar100Array>> = {};
  let decoded = 0;
  await readTarGz(path, path, {
    wanted: new Map(parts.map(({ name, bytes }) => [name, bytes])),
    // Beside the two files there are three small texts.
    maxBytes: total + 1e6,
    signal,
    onFile: (name, bytes) => {
      const part = name === 'train.bin' ? 'train' : 'test';
      arrays = { ...arrays, ...parsePart(part, bytes, `${name} in ${path}`, publication) };
      decoded += bytes.length;
      const message = `decoding CIFAR-100: ${name}`;
      onProgress({ phase: 'decode', source: 'official', message, bytes: decoded, total });
    },
  });
  for (const { part, name } of parts) {
    if (!arrays[`${part}Images`]) throw new CifarError('corrupt', `${path} holds no ${name}.`);
  }
  requireOneHierarchy(arrays as Arrays<Cifar100Array>, path);
  return arrays as Arrays<Cifar100Array>;
}

function parsePart(
  part: Part,
  bytes: Uint8Array,
  label: string,
  publication: Cifar100Publication,
): Partial<Arrays<Cifar100Array>> {
  const numRecords = numExamplesOf(publication, part);
  const { labels, images } = parseCifarRecords(bytes, label, {
    numRecords,
    numClasses: [numCoarse, numFine],
  });
  const [coarse = new Uint8Array(), fine = new Uint8Array()] = labels;
  const counts = new Uint32Array(numFine);
  for (const value of fine) counts[value] = (counts[value] ?? 0) + 1;
  const wrong = counts.findIndex((count) => count !== numRecords / numFine);
  if (wrong >= 0) {
    throw new CifarError(
      'corrupt',
      `${label} has ${counts[wrong] ?? 0} pictures of class ${wrong} instead of ${numRecords / numFine}: copy it again.`,
    );
  }
  return { [`${part}Images`]: images, [`${part}Fine`]: fine, [`${part}Coarse`]: coarse };
}

/** Every fine class must belong to one coarse class, and five of them to each. */
function requireOneHierarchy(arrays: Arrays<Cifar100Array>, label: string): void {
  const { trainFine, trainCoarse, testFine, testCoarse } = arrays;
  const coarseOf = new Map<number, number>();
  for (const [fine, coarse] of [
    [trainFine, trainCoarse],
    [testFine, testCoarse],
  ] as const) {
    fine.forEach((value, i) => {
      const known = coarseOf.get(value) ?? coarse[i] ?? 0;
      coarseOf.set(value, known);
      if (known === coarse[i]) return;
      throw new CifarError(
        'corrupt',
        `${label} has fine class ${value} in the coarse classes ${known} and ${coarse[i] ?? ''}: copy it again.`,
      );
    });
  }
  const numEach = Array.from(
    { length: numCoarse },
    (_, coarse) => [...coarseOf.values()].filter((value) => value === coarse).length,
  );
  const wrong = numEach.findIndex((count) => count !== numFine / numCoarse);
  if (wrong >= 0) {
    throw new CifarError(
      'corrupt',
      `${label} has ${numEach[wrong] ?? 0} fine classes in coarse class ${wrong} instead of 5: copy it again.`,
    );
  }
}
