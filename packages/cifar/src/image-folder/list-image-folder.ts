import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CifarError } from '../errors.ts';

const trainName = 'train';
/** The first of these that is there is tested on. */
const testNames = ['test', 'val', 'valid', 'validation'];
const readable = /\.(png|jpe?g)$/i;

/** A picture's file and its class. */
export interface ImageFile {
  readonly path: string;
  readonly label: number;
}

/** What a folder of pictures holds. */
export interface ImageFolderListing {
  /** Sorted. */
  readonly classNames: readonly string[];
  /** By class, and by path within it. */
  readonly train: readonly ImageFile[];
  /** `undefined` where the folder makes no difference between training and testing. */
  readonly test: readonly ImageFile[] | undefined;
  /** What the user may want to know. */
  readonly warnings: readonly string[];
}

/**
 * Lists the pictures of `CLASS/…` folders, which lie in `train/` and `test/` (or `val/`, `valid/`, `validation/`) or in
 * `directory` itself. Folders in a class folder belong to the class. Files and folders whose names begin with a dot are
 * passed over.
 *
 * @throws {CifarError} `missing` or `unusable`, naming the folder
 */
export async function listImageFolder(directory: string): Promise<ImageFolderListing> {
  const folders = await listFolders(directory);
  const trainRoot = join(directory, trainName);
  const isSplit = folders.includes(trainName) && (await listFolders(trainRoot)).length > 0;
  const root = isSplit ? trainRoot : directory;
  const classNames = isSplit ? await listFolders(root) : folders;
  if (classNames.length < 2) {
    throw new CifarError(
      'unusable',
      `${root} has ${classNames.length} folders of pictures: it takes at least two, one for each class.`,
    );
  }
  const warnings: string[] = [];
  const train = await listClasses(root, classNames, warnings);
  const present = isSplit ? testNames.filter((name) => folders.includes(name)) : [];
  const [testName, ...unused] = present;
  if (testName === undefined) return { classNames, train, test: undefined, warnings };
  if (unused.length > 0)
    warnings.push(`${join(directory, unused.join(', '))} is not used beside ${testName}`);
  const testRoot = join(directory, testName);
  const unknown = (await listFolders(testRoot)).filter((name) => !classNames.includes(name));
  if (unknown.length > 0) {
    throw new CifarError(
      'unusable',
      `${join(testRoot, unknown[0] ?? '')} is a class that ${trainRoot} does not have.`,
    );
  }
  return { classNames, train, test: await listClasses(testRoot, classNames, warnings), warnings };
}

async function listClasses(
  root: string,
  classNames: readonly string[],
  warnings: string[],
): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  for (const [label, name] of classNames.entries()) {
    const folder = join(root, name);
    const all = await listFiles(folder);
    const pictures = all.filter((path) => readable.test(path));
    if (pictures.length === 0) {
      throw new CifarError('missing', `${folder} holds no PNG or JPEG: put the pictures of the class there.`);
    }
    const [other] = all.filter((path) => !readable.test(path));
    if (other !== undefined) {
      warnings.push(
        `${all.length - pictures.length} files in ${folder} are neither PNG nor JPEG and are not read, ` +
          `${relative(folder, other)} for example`,
      );
    }
    files.push(...pictures.map((path) => ({ path, label })));
  }
  return files;
}

/** Names of the folders in `folder`, sorted, also where they are links. */
async function listFolders(folder: string): Promise<string[]> {
  const names = await list(folder, () => readdir(folder));
  const visible = names.filter((name) => !name.startsWith('.'));
  const found = await Promise.all(
    visible.map((name) =>
      stat(join(folder, name)).then(
        (entry) => entry.isDirectory(),
        // A link to nothing.
        () => false,
      ),
    ),
  );
  return visible.filter((_, i) => found[i]).sort();
}

/**
 * Paths of all files below `folder`, sorted. What lies in a hidden folder is hidden: Jupyter's `.ipynb_checkpoints` has
 * copies of pictures, of which one would be trained on and the other tested on.
 */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await list(folder, () => readdir(folder, { recursive: true, withFileTypes: true }));
  const isHidden = (path: string): boolean =>
    relative(folder, path)
      .split(sep)
      .some((name) => name.startsWith('.'));
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isHidden(path))
    .sort();
}

async function list<T>(folder: string, action: () => Promise<T[]>): Promise<T[]> {
  try {
    return await action();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'is not there' : code === 'ENOTDIR' ? 'is no folder' : `cannot be read: ${message}`;
    throw new CifarError('missing', `${folder} ${reason}.`, { cause });
  }
}
