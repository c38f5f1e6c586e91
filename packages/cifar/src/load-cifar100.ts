import type { Cifar100, Cifar100Dataset } from './dataset.ts';
import { cifar100CoarseNames, cifar100FineNames } from './published/cifar100-class-names.ts';
import { cifar100Recipe, officialCifar100, readCifar100Folder } from './published/cifar100.ts';
import type { Cifar100Publication } from './published/cifar100.ts';
import { loadPublished } from './published/load-published.ts';
import type { LoadOptions } from './published/load-published.ts';

/** Options of {@link loadCifar100}; all may be left out. */
export interface LoadCifar100Options extends LoadOptions {
  /**
   * What `labels`, `numClasses` and `classNames` speak of: the 100 `'fine'` classes, the default, or the 20 `'coarse'`
   * ones. The data has both in any case.
   */
  labels?: 'fine' | 'coarse';
  /** A folder with `train.bin` and `test.bin` of the official binary version, read instead of the cache. */
  directory?: string;
}

/**
 * CIFAR-100 as typed arrays. The first call fetches the authors' archive (169 MB) once into the cache (185 MB), where
 * SHA-256 sums are noted; every load verifies against them, and what was damaged since is fetched again.
 *
 * An archive put by hand into `cacheDir` as `cifar-100-binary.tar.gz` is used before any download, also with `offline`.
 *
 * @throws {CifarError} see {@link CifarErrorCode}
 * @throws {RangeError} for unknown `labels`
 * @example
 * const { train } = await loadCifar100({ labels: 'coarse' });
 * train.classNames[train.labels[0] ?? 0]; // 'large_omnivores_and_herbivores'
 * train.fineClassNames[train.fineLabels[0] ?? 0]; // 'cattle'
 */
export async function loadCifar100(options: LoadCifar100Options = {}): Promise<Cifar100> {
  return await loadCifar100From(officialCifar100, options);
}

/** {@link loadCifar100} of another publication. */
export async function loadCifar100From(
  publication: Cifar100Publication,
  options: LoadCifar100Options,
): Promise<Cifar100> {
  const { labels = 'fine', directory, signal } = options;
  if (!['fine', 'coarse'].includes(labels)) {
    throw new RangeError(`labels must be 'fine' or 'coarse'; got ${JSON.stringify(labels)}`);
  }
  signal?.throwIfAborted();
  const arrays =
    directory === undefined
      ? await loadPublished(cifar100Recipe(publication), options)
      : await readCifar100Folder(directory, publication);
  return {
    train: asDataset(labels, arrays.trainImages, arrays.trainFine, arrays.trainCoarse),
    test: asDataset(labels, arrays.testImages, arrays.testFine, arrays.testCoarse),
  };
}

function asDataset(
  kind: 'fine' | 'coarse',
  images: Uint8Array,
  fineLabels: Uint8Array,
  coarseLabels: Uint8Array,
): Cifar100Dataset {
  const isFine = kind === 'fine';
  const classNames = isFine ? cifar100FineNames : cifar100CoarseNames;
  return {
    name: isFine ? 'cifar-100' : 'cifar-100-coarse',
    images,
    labels: isFine ? fineLabels : coarseLabels,
    numExamples: fineLabels.length,
    imageShape: [32, 32, 3],
    numClasses: classNames.length,
    classNames,
    fineLabels,
    coarseLabels,
    fineClassNames: cifar100FineNames,
    coarseClassNames: cifar100CoarseNames,
  };
}
