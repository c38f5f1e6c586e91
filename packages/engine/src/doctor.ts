import { access, constants, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineCacheFolder } from './cache-folder.ts';
import { findCompiler } from './compile-binding.ts';
import { describeGpu } from './describe.ts';
import { chooseDevice, hasNvidiaDriver } from './device.ts';
import { EngineError, fileError } from './errors.ts';
import { freeBytes } from './files.ts';
import type { Installation, InstallOptions } from './install.ts';
import { findDamage, locateInstallation } from './install.ts';
import { checkNode, checkPlatform, glibcVersion } from './platform.ts';
import { formatBytes } from './progress.ts';
import { findPip, findPython } from './python.ts';
import { lastLines, runCommand } from './run-command.ts';

/** One thing that `doctor` looked at. */
export interface DoctorCheck {
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** The one thing to do, where it isn't well. */
  remedy?: string;
}

/**
 * Looks at everything the engine needs, changing nothing, and says in words what is wrong and what mends it.
 * Reads every installed file and loads TensorFlow in a process of its own: a few seconds.
 *
 * @param options `device` and `cacheDir` as for `loadEngine`
 */
export async function doctor(
  options: Pick<InstallOptions, 'device' | 'cacheDir' | 'cuda'> = {},
): Promise<DoctorCheck[]> {
  const installation = locateInstallation(options);
  const cache = engineCacheFolder(options.cacheDir);
  const tool = (look: () => Promise<string>) => (installation === undefined ? look() : whenInstalled(look));
  return [
    await check('node', () => {
      checkNode();
      return process.versions.node;
    }),
    await check('platform', () => {
      checkPlatform();
      return `${process.platform} ${process.arch}, glibc ${glibcVersion() ?? ''}`;
    }),
    await check('python', () => tool(async () => (await findPython()).version)),
    await check('pip', () => tool(async () => findPip((await findPython()).command))),
    await check('compiler', () => tool(async () => (await findCompiler()).version)),
    await check('@tensorflow/tfjs', findTfjs),
    await check('device', () =>
      describeDevice(options.device === undefined ? chooseDevice() : chooseDevice(options.device)),
    ),
    await check('cache', () => inspectCache(cache)),
    await check('installation', () => inspectInstallation(installation, cache)),
    ...(installation === undefined ? [] : [await check('load', () => tryLoading(options))]),
  ];
}

async function check(name: string, look: () => string | Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const detail = error.message.slice(0, -error.remedy.length).trim();
    return { name, ok: false, detail, remedy: error.remedy };
  }
}

/** What only an installation needs is no fault once there is one. */
async function whenInstalled(look: () => Promise<string>): Promise<string> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return 'missing, but needed only to install anew';
  }
}

function findTfjs(): string {
  try {
    return (createRequire(import.meta.url)('@tensorflow/tfjs/package.json') as { version: string }).version;
  } catch (cause) {
    throw new EngineError('no-tfjs', "@tensorflow/tfjs can't be found from the engine", { cause });
  }
}

function describeDevice(device: 'cpu' | 'gpu'): string {
  if (!hasNvidiaDriver()) return `${device} (no NVIDIA driver)`;
  const gpu = describeGpu();
  const name = gpu === undefined ? 'an NVIDIA driver' : `${gpu.name}, ${formatBytes(gpu.memoryBytes)}`;
  return `${device} (${name})`;
}

async function inspectCache(cache: string): Promise<string> {
  try {
    await mkdir(cache, { recursive: true });
  } catch (error) {
    throw fileError(error, cache);
  }
  const free = formatBytes(await freeBytes(cache));
  const writable = await access(cache, constants.W_OK).then(
    () => true,
    () => false,
  );
  return `${cache}, ${free} free${writable ? '' : ', read-only'}`;
}

async function inspectInstallation(installation: Installation | undefined, cache: string): Promise<string> {
  if (installation === undefined) {
    throw new EngineError('not-installed', `TensorFlow is not installed in ${cache}`);
  }
  const damage = await findDamage(installation);
  if (damage !== undefined) throw new EngineError('damaged', damage);
  const { folder, tfjsNode } = installation;
  return `intact in ${folder}, with tfjs-node-gpu ${tfjsNode.version} in ${tfjsNode.folder}`;
}

/** In a process of its own: a damaged library may end it, and this one may have another engine loaded. */
async function tryLoading(options: Pick<InstallOptions, 'device' | 'cacheDir' | 'cuda'>): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const entry = new URL(`./index${extname(here)}`, import.meta.url).href;
  const settings = JSON.stringify({ ...options, offline: true, fallback: 'error', quiet: true });
  const program = `
    const { loadEngine, describeEngine } = await import(${JSON.stringify(entry)});
    const tf = await loadEngine(${settings});
    const product = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dataSync();
    if (!product.every((value) => value === 8)) throw new Error('wrong product: ' + product);
    const { tensorflow, device, threads, instructionSets } = describeEngine();
    console.log(\`TensorFlow \${tensorflow} multiplies matrices on the \${device}, \${threads} threads, \${instructionSets.join(' ')}\`);`;
  const { status, stdout, stderr } = await runCommand(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ]);
  if (status === 0) return stdout.trim();
  throw new EngineError('load-failed', `TensorFlow doesn't load (${lastLines(stderr)})`);
}
