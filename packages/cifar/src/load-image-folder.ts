import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, resolve } from 'node:path';
import type { ImageDataset } from './dataset.ts';
import { CifarError } from './errors.ts';
import { fitPicture, withChannels } from './image-folder/fit-picture.ts';
import { listImageFolder } from './image-folder/list-image-folder.ts';
import type { ImageFile } from './image-folder/list-image-folder.ts';
import { imageDataset } from './image-dataset.ts';
import { isJpeg, parseJpeg } from './parsers/parse-jpeg.ts';
import { isPng, parsePng } from './parsers/parse-png.ts';
import type { Picture } from './parsers/picture.ts';
import { requireSeed } from './philox.ts';
import { warnOnly } from './progress.ts';
import type { OnProgress } from './progress.ts';
import { spreadClasses, splitOrder } from './split.ts';

/** Share of the machine's memory that the pictures may take. */
const mostOfMemory = 0.5;
const reportMilliseconds = 250;

/** Options of {@link loadImageFolder}; all may be left out. */
export interface ImageFolderOptions {
  /**
   * Height and width of all pictures, or one number for both. A picture of other proportions is cut in its middle, then
   * scaled linearly, with averaging where it gets smaller. Default: as they are, which must be of one size.
   */
  size?: number | readonly [height: number, width: number];
  /** 1: grey, 3: RGB. Default: 1 where every picture is stored as grey, else 3. */
  channels?: 1 | 3;
  /**
   * Share to test on where the folder has no `test` or `val`: above 0, below 1. Default 0.2. A class of two pictures or
   * more gives at least one and keeps at least one.
   */
  testShare?: number;
  /** Decides what is tested on where the folder does not. Integer, 0 … 2⁵³−1. Default 0. */
  seed?: number;
  /** Default: the folder's name. */
  name?: string;
  /** Called with progress and warnings. Default: warnings go to `process.emitWarning`. */
  onProgress?: OnProgress;
  /** Stops a load; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** One half of an {@link ImageFolder}. */
export interface ImageFolderDataset extends ImageDataset {
  /** `[numExamples]`: the path of each example. */
  readonly files: readonly string[];
}

/** A folder of pictures. */
export interface ImageFolder {
  readonly train: ImageFolderDataset;
  readonly test: ImageFolderDataset;
}

/**
 * One's own pictures: a folder with `train/CLASS/*.png` and `test/CLASS/*.png` (or `val`, `valid`, `validation`), or with
 * `CLASS/*.png`, of which a seeded share of every class is then tested on: at least one picture of a class that has two,
 * and never all. PNG of any kind, with transparency dropped, and JPEG; which of them a file is, its content says. Classes are numbered in the order of their sorted names, as torchvision's `ImageFolder` does.
 *
 * The examples are spread by class, so that every beginning of them holds the classes in proportion.
 *
 * @throws {CifarError} `missing`, `corrupt` or `unusable`, naming the file or folder
 * @throws {RangeError} for an option out of range
 * @example
 * const { train, test } = await loadImageFolder('flowers', { size: 32 });
 * train.imageShape; // [32, 32, 3]
 * train.classNames; // ['daisy', 'rose', 'tulip']
 */
export async function loadImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
): Promise<ImageFolder> {
  const { testShare = 0.2, seed = 0, onProgress = warnOnly, signal } = options;
  const size = requireSize(options.size);
  if (!(testShare > 0 && testShare < 1)) {
    throw new RangeError(`testShare must be above 0 and below 1; got ${testShare}`);
  }
  if (options.channels !== undefined && ![1, 3].includes(options.channels)) {
    throw new RangeError(`channels must be 1 or 3; got ${options.channels as number}`);
  }
  signal?.throwIfAborted();
  const listing = await listImageFolder(directory);
  for (const message of listing.warnings) onProgress({ phase: 'warning', message });
  const { classNames } = listing;
  const parts = listing.test
    ? { train: spread(listing.train), test: spread(listing.test) }
    : splitFiles(listing.train, { testShare, seed, directory });

  const files = [...parts.train, ...parts.test];
  const pictures = await readPictures(files, { directory, size, onProgress, signal });
  const channels = options.channels ?? (pictures.every((picture) => picture.channels === 1) ? 1 : 3);
  const name = options.name ?? basename(resolve(directory));
  const make = (part: readonly ImageFile[], first: number): ImageFolderDataset =>
    toDataset(part, pictures.slice(first, first + part.length), { channels, classNames, name });
  return { train: make(parts.train, 0), test: make(parts.test, parts.train.length) };
}

function requireSize(size: ImageFolderOptions['size']): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  const both = typeof size === 'number' ? ([size, size] as const) : size;
  const numSides: number = both.length;
  if (numSides !== 2 || !both.every((side) => Number.isInteger(side) && side >= 1 && side <= 4_096)) {
    throw new RangeError(`size must be one or two integers from 1 to 4096; got [${both.join(', ')}]`);
  }
  return both;
}

function spread(
  files: readonly ImageFile[],
  indices: Uint32Array = Uint32Array.from(files.keys()),
): ImageFile[] {
  const order = spreadClasses(
    indices,
    files.map(({ label }) => label),
  );
  return Array.from(order, (index) => files[index]).filter((file) => file !== undefined);
}

function splitFiles(
  files: readonly ImageFile[],
  { testShare, seed, directory }: { testShare: number; seed: number; directory: string },
): { train: ImageFile[]; test: ImageFile[] } {
  const labels = files.map(({ label }) => label);
  requireSeed(seed);
  const order = splitOrder({ numExamples: files.length, seed, labels });
  const isTest = new Set(order.subarray(0, Math.round(testShare * files.length)));
  for (const ofClass of byClass(order, labels)) shareOut(ofClass, isTest);
  if (isTest.size === 0) {
    throw new CifarError(
      'unusable',
      `${directory} has one picture of each class: it takes two, one to train on and one to test on.`,
    );
  }
  const all = Uint32Array.from(files.keys());
  const isTrained = (index: number): boolean => !isTest.has(index);
  return {
    train: spread(files, all.filter(isTrained)),
    test: spread(
      files,
      all.filter((index) => !isTrained(index)),
    ),
  };
}

function byClass(order: Uint32Array, labels: readonly number[]): number[][] {
  const classes: number[][] = [];
  for (const index of order) (classes[labels[index] ?? 0] ??= []).push(index);
  return classes;
}

/** Gives the test set one example of a class that has two, and leaves one to train on. */
function shareOut(ofClass: readonly number[], isTest: Set<number>): void {
  const [first = 0] = ofClass;
  if (ofClass.length >= 2) isTest.add(first);
  if (ofClass.every((index) => isTest.has(index))) isTest.delete(ofClass.at(-1) ?? 0);
}

async function readPictures(
  files: readonly ImageFile[],
  options: {
    directory: string;
    size: readonly [number, number] | undefined;
    onProgress: OnProgress;
    signal: AbortSignal | undefined;
  },
): Promise<Picture[]> {
  const { directory, size, onProgress, signal } = options;
  const pictures: Picture[] = [];
  let reportedAt = Date.now();
  for (const { path } of files) {
    signal?.throwIfAborted();
    const read = await readPicture(path);
    const picture = size ? fitPicture(read, size) : read;
    const first = pictures[0] ?? picture;
    if (picture.width !== first.width || picture.height !== first.height) {
      throw new CifarError(
        'unusable',
        `${path} is ${picture.width} × ${picture.height} pixels (width × height), but ${files[0]?.path ?? ''} is ` +
          `${first.width} × ${first.height}: give a size to bring them to.`,
      );
    }
    if (pictures.length === 0) requireMemory(files.length, picture, directory);
    pictures.push(picture);
    if (Date.now() - reportedAt >= reportMilliseconds) {
      reportedAt = Date.now();
      const message = `reading ${directory}: ${pictures.length} of ${files.length} pictures`;
      onProgress({ phase: 'decode', message });
    }
  }
  return pictures;
}

async function readPicture(path: string): Promise<Picture> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const message = `${path} cannot be read: ${(cause as Error).message}. Make it readable, or remove it.`;
    throw new CifarError('corrupt', message, { cause });
  });
  try {
    if (isPng(bytes)) return parsePng(bytes, path);
    if (isJpeg(bytes)) return parseJpeg(bytes, path);
    throw new CifarError('corrupt', `${path} is neither a PNG nor a JPEG.`);
  } catch (error) {
    if (!(error instanceof CifarError && error.code === 'corrupt')) throw error;
    throw new CifarError('corrupt', `${error.message} Replace or remove it.`, { cause: error });
  }
}

function requireMemory(numPictures: number, { width, height }: Picture, directory: string): void {
  const bytes = numPictures * width * height * 3;
  if (bytes <= mostOfMemory * totalmem()) return;
  throw new CifarError(
    'unusable',
    `The ${numPictures} pictures of ${directory} with ${width} × ${height} pixels take ${Math.ceil(bytes / 1e9)} GB of ` +
      'memory, more than half of this machine: give a smaller size.',
  );
}

function toDataset(
  files: readonly ImageFile[],
  pictures: readonly Picture[],
  { channels, classNames, name }: { channels: 1 | 3; classNames: readonly string[]; name: string },
): ImageFolderDataset {
  const { width = 1, height = 1 } = pictures[0] ?? {};
  const imageBytes = width * height * channels;
  const images = new Uint8Array(pictures.length * imageBytes);
  for (const [i, picture] of pictures.entries()) {
    images.set(withChannels(picture, channels).pixels, i * imageBytes);
  }
  const labels = files.map(({ label }) => label);
  const dataset = imageDataset({ images, labels, imageShape: [height, width, channels], classNames, name });
  return { ...dataset, files: files.map(({ path }) => path) };
}
