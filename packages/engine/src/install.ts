import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bindingFolderName, compileBinding, findCompiler } from './compile-binding.ts';
import { engineCacheFolder } from './cache-folder.ts';
import type { DeviceChoice } from './device.ts';
import { chooseDevice, hasNvidiaDriver } from './device.ts';
import { downloadWheel } from './download-wheel.ts';
import { fileError } from './errors.ts';
import { checkDiskSpace, makePartialFolder, removePartialFolders, replaceFolder, sizeOf } from './files.ts';
import { withInstallLock } from './install-lock.ts';
import { inspectFolder, renewTimes, verifyFolder, writeManifest } from './manifest.ts';
import { checkNode, checkPlatform } from './platform.ts';
import type { ProgressListener } from './progress.ts';
import { formatBytes, progressPrinter } from './progress.ts';
import { findPip, findPython } from './python.ts';
import type { TfjsNode } from './tfjs-node.ts';
import { fetchTfjsNode, findTfjsNode } from './tfjs-node.ts';
import { nvidiaParts, tensorflowParts, unpackWheel } from './unpack-wheel.ts';
import type { Wheel } from './wheels.ts';
import { nvidiaWheels, tensorflowVersion, tensorflowWheels } from './wheels.ts';

/** How to install; every part is optional. */
export interface InstallOptions {
  /** Which TensorFlow. Default: SUPERCONVERGENCE_DEVICE, else `gpu` where an NVIDIA driver is present, else `cpu`. */
  device?: DeviceChoice;
  /** The engine's cache folder. Default: `engine` below SUPERCONVERGENCE_CACHE or the system's cache folder. */
  cacheDir?: string;
  /** Never use the network: an error where something is missing. Default false. */
  offline?: boolean;
  /** Print no progress on standard error. Default false. */
  quiet?: boolean;
  /** Receives the progress instead of standard error. */
  onProgress?: ProgressListener;
  /** With `gpu`: fetch NVIDIA's libraries (2.6 GB). Default: where an NVIDIA driver is present. */
  cuda?: boolean;
  /** Install anew what is already there. Default false. */
  force?: boolean;
  /** Read every installed file and install anew what was altered, not only what has another size or time. Default false. */
  verify?: boolean;
  /** How long to wait while another process installs, in seconds. Default 1800. */
  lockTimeoutSeconds?: number;
}

/** A finished installation in the cache. */
export interface Installation {
  device: 'cpu' | 'gpu';
  /** Folder of this TensorFlow: `tensorflow`, the compiled binding, and `nvidia` where wanted. */
  folder: string;
  /** The compiled `tfjs_binding.node`. */
  binding: string;
  /** True where NVIDIA's libraries belong to it. */
  cuda: boolean;
  tfjsNode: TfjsNode;
}

interface Plan {
  cache: string;
  device: 'cpu' | 'gpu';
  folder: string;
  cuda: boolean;
  offline: boolean;
  force: boolean;
  verify: boolean;
  onProgress: ProgressListener;
}

/** The finished, undamaged installation for these options, without writing or downloading anything. */
export function findInstallation(options: InstallOptions = {}): Installation | undefined {
  const installation = locateInstallation(options);
  const intact =
    installation !== undefined && partsOf(installation).every((part) => inspectFolder(part) === 'intact');
  return intact ? installation : undefined;
}

/** The finished installation for these options, which may have been damaged since. */
export function locateInstallation(options: InstallOptions = {}): Installation | undefined {
  const { cache, device, folder, cuda } = plan(options);
  const tfjsNode = findTfjsNode(cache);
  if (tfjsNode === undefined) return undefined;
  const binding = join(folder, bindingFolderName(tfjsNode.version), 'tfjs_binding.node');
  const installation = { device, folder, binding, cuda, tfjsNode };
  return partsOf(installation).some((part) => inspectFolder(part) === 'absent') ? undefined : installation;
}

function partsOf({ folder, binding, cuda }: Installation): string[] {
  return [join(folder, 'tensorflow'), dirname(binding), ...(cuda ? [join(folder, 'nvidia')] : [])];
}

/** Reads every file of an installation and names the first that is not as it was installed; about a second. */
export async function findDamage(installation: Installation): Promise<string | undefined> {
  const { folder, binding, cuda } = installation;
  for (const part of [
    join(folder, 'tensorflow'),
    dirname(binding),
    ...(cuda ? [join(folder, 'nvidia')] : []),
  ]) {
    const damage = await verifyFolder(part);
    if (damage !== undefined) return damage;
  }
  return undefined;
}

/**
 * Installs a current TensorFlow for tfjs-node-gpu into the cache: fetches the pinned wheels with the user's pip,
 * verifies and unpacks them, and compiles the binding. What is already there and undamaged is kept; what a killed
 * installation left is cleared away; a second installer waits for the first.
 *
 * @returns where it is
 * @throws {EngineError} with a `code` for each way to fail
 * @example
 * await installEngine({ device: 'cpu' });
 */
export async function installEngine(options: InstallOptions = {}): Promise<Installation> {
  checkNode();
  const found = options.force === true || options.verify === true ? undefined : findInstallation(options);
  if (found !== undefined) return found;
  checkPlatform();
  const { cache, ...rest } = plan(options);
  try {
    await mkdir(cache, { recursive: true });
    return await withInstallLock(
      join(cache, 'install.lock'),
      {
        timeoutSeconds: options.lockTimeoutSeconds ?? 1800,
        onWait: (pid) => {
          rest.onProgress({
            phase: 'wait',
            message: `waiting for process ${pid ?? 'unknown'}, which is installing`,
          });
        },
      },
      () => install({ cache, ...rest }),
    );
  } catch (error) {
    throw fileError(error, cache);
  }
}

function plan(options: InstallOptions): Plan {
  const cache = engineCacheFolder(options.cacheDir);
  const device = chooseDevice(options.device);
  return {
    cache,
    device,
    folder: join(cache, `tensorflow-${tensorflowVersion}-${device}`),
    cuda: device === 'gpu' && (options.cuda ?? hasNvidiaDriver()),
    offline: options.offline ?? false,
    force: options.force ?? false,
    verify: options.verify ?? false,
    onProgress: options.onProgress ?? (options.quiet === true ? () => undefined : progressPrinter()),
  };
}

async function install(plan: Plan): Promise<Installation> {
  const { cache, folder, onProgress } = plan;
  const downloads = join(cache, 'downloads');
  await mkdir(downloads, { recursive: true });
  await mkdir(folder, { recursive: true });
  for (const parent of [cache, downloads, folder]) await removePartialFolders(parent);

  const libraries: { target: string; wheels: readonly Wheel[]; parts: RegExp }[] = [
    { target: join(folder, 'tensorflow'), wheels: [tensorflowWheels[plan.device]], parts: tensorflowParts },
  ];
  if (plan.cuda) libraries.push({ target: join(folder, 'nvidia'), wheels: nvidiaWheels, parts: nvidiaParts });
  const missing = [];
  for (const library of libraries) if (!(await isUsable(library.target, plan))) missing.push(library);

  await prepare(
    plan,
    missing.flatMap((library) => library.wheels),
    downloads,
  );
  for (const { target, wheels, parts } of missing)
    await installWheels(plan, { downloads, target, wheels, parts });
  const tfjsNode = findTfjsNode(cache) ?? (await fetchTfjsNode(cache, plan.offline, onProgress));
  const bindingFolder = join(folder, bindingFolderName(tfjsNode.version));
  if (missing.length > 0 || !(await isUsable(bindingFolder, plan))) {
    await installBinding(plan, tfjsNode, bindingFolder);
  }
  onProgress({
    phase: 'done',
    message: `TensorFlow ${tensorflowVersion} for the ${plan.device.toUpperCase()} is ready`,
  });
  return {
    device: plan.device,
    folder,
    binding: join(bindingFolder, 'tfjs_binding.node'),
    cuda: plan.cuda,
    tfjsNode,
  };
}

/** True for an undamaged part; says so where one is damaged. */
async function isUsable(part: string, { force, verify, onProgress }: Plan): Promise<boolean> {
  const state = inspectFolder(part);
  if (state === 'absent' || force) return false;
  if (state === 'intact' && !verify) return true;
  const damage = await verifyFolder(part);
  if (damage === undefined) {
    await renewTimes(part);
    return true;
  }
  onProgress({ phase: 'plan', message: `${damage}; installing it anew` });
  return false;
}

/** Looks for everything that could be missing before the first byte is downloaded, and says what is to come. */
async function prepare(plan: Plan, wheels: Wheel[], downloads: string): Promise<void> {
  await findCompiler();
  if (wheels.length === 0) return;
  const { command } = await findPython();
  const toFetch = [];
  for (const wheel of wheels) if ((await sizeOf(join(downloads, wheel.file))) === 0) toFetch.push(wheel);
  if (toFetch.length > 0 && !plan.offline) await findPip(command);
  const downloadBytes = toFetch.reduce((sum, wheel) => sum + wheel.bytes, 0);
  const diskBytes = wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  await checkDiskSpace(plan.cache, downloadBytes + diskBytes);
  const fetched = downloadBytes === 0 ? 'nothing to download' : `${formatBytes(downloadBytes)} to download`;
  plan.onProgress({
    phase: 'plan',
    message: `installing TensorFlow ${tensorflowVersion} for the ${plan.device.toUpperCase()}: ${fetched}, ${formatBytes(diskBytes)} on disk in ${plan.folder}`,
  });
}

async function installWheels(
  plan: Plan,
  library: { downloads: string; target: string; wheels: readonly Wheel[]; parts: RegExp },
): Promise<void> {
  const { downloads, target, wheels, parts } = library;
  const files: string[] = [];
  for (const wheel of wheels) {
    files.push(await downloadWheel(wheel, { downloads, offline: plan.offline, onProgress: plan.onProgress }));
  }
  const partial = await makePartialFolder(plan.folder);
  try {
    for (const [index, file] of files.entries()) {
      plan.onProgress({ phase: 'unpack', message: `unpacking ${wheels[index]?.file ?? file}` });
      await unpackWheel(file, partial, parts);
    }
    // One folder per library (`tensorflow`, `nvidia`); licences lie beside it in *.dist-info.
    const name = target.slice(plan.folder.length + 1);
    for (const other of (await readdir(partial)).filter((entry) => entry.endsWith('.dist-info'))) {
      await rename(join(partial, other), join(partial, name, other));
    }
    const origin = wheels.map((wheel) => [wheel.requirement, `sha256:${wheel.sha256}`] as const);
    await writeManifest(join(partial, name), Object.fromEntries(origin));
    await replaceFolder(join(partial, name), target);
    for (const file of files) await rm(file, { force: true });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function installBinding(plan: Plan, tfjsNode: TfjsNode, target: string): Promise<void> {
  plan.onProgress({ phase: 'compile', message: 'compiling the binding, about 20 seconds' });
  const partial = await makePartialFolder(plan.folder);
  try {
    await compileBinding({
      tensorflow: join(plan.folder, 'tensorflow'),
      tfjsNode: tfjsNode.folder,
      target: partial,
    });
    const { version } = await findCompiler();
    await writeManifest(partial, {
      'tfjs-node-gpu': tfjsNode.version,
      tensorflow: tensorflowVersion,
      compiler: version,
    });
    await replaceFolder(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
