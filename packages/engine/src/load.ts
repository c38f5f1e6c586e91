import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chooseDevice } from './device.ts';
import { EngineError } from './errors.ts';
import type { InstallOptions, Installation } from './install.ts';
import { findDamage, findInstallation, installEngine } from './install.ts';
import { nativeSessions } from './native-session.ts';
import { checkNode, checkPlatform } from './platform.ts';
import { requireTfjsNode } from './require-tfjs-node.ts';
import { installedTfjsNode } from './tfjs-node.ts';

/** TensorFlow.js as its packages export it. */
export type TensorFlow = typeof import('@tensorflow/tfjs');

/** How to load; every part is optional, those of the installation included. */
export interface LoadOptions extends InstallOptions {
  /**
   * Where native TensorFlow can't be had: `plain` goes on in plain JavaScript with a warning on standard error,
   * `error` throws. Default `plain`.
   */
  fallback?: 'plain' | 'error';
  /** Let TensorFlow print its start-up messages. Default false; TF_CPP_MIN_LOG_LEVEL in the environment also decides. */
  chatter?: boolean;
}

/** What `loadEngine` loaded. */
export interface LoadedEngine {
  tf: TensorFlow;
  native: boolean;
  /** From the engine's cache; undefined for plain JavaScript and for a binding that the engine didn't make. */
  installation?: Installation;
}

const require = createRequire(import.meta.url);
let loading: Promise<LoadedEngine> | undefined;
let loaded: LoadedEngine | undefined;

/**
 * Loads TensorFlow.js on a current native TensorFlow; the first time on a machine it installs that.
 * Registers the backend `tensorflow` in the `@tensorflow/tfjs` that the application itself imports, and selects it.
 * Every further call gives the same.
 *
 * @returns TensorFlow.js, with tfjs-node's additions (`file://` models, `tf.node`) where it is native
 * @throws {RangeError} for an unknown `device` or `fallback`
 * @throws {EngineError} with `fallback: 'error'`: why there is no native TensorFlow; always: `no-tfjs`, `device-conflict`
 * @example
 * const tf = await loadEngine();
 * tf.getBackend(); // 'tensorflow'
 */
export async function loadEngine(options: LoadOptions = {}): Promise<TensorFlow> {
  const { fallback = 'plain' } = options;
  if (!['plain', 'error'].includes(fallback)) {
    throw new RangeError(`fallback is '${fallback}'; it must be 'plain' or 'error'.`);
  }
  const device = chooseDevice(options.device);
  loading ??= load(options);
  try {
    loaded = await loading;
  } catch (error) {
    loading = undefined; // What was missing may be there at the next call.
    throw error;
  }
  const running = loaded.installation?.device;
  if (
    options.device !== undefined &&
    options.device !== 'auto' &&
    running !== undefined &&
    running !== device
  ) {
    throw new EngineError(
      'device-conflict',
      `The engine for the ${running} is loaded, so that for the ${device} can't be`,
    );
  }
  return loaded.tf;
}

/**
 * What `loadEngine` loaded in this process.
 *
 * @throws {EngineError} `not-loaded`
 */
export function loadedEngine(): LoadedEngine {
  if (loaded === undefined) throw new EngineError('not-loaded', 'The engine is not loaded');
  return loaded;
}

async function load(options: LoadOptions): Promise<LoadedEngine> {
  checkNode();
  const tf = requireTfjs();
  if ((tf.findBackendFactory('tensorflow') as unknown) !== null) {
    // The application imported tfjs-node or tfjs-node-gpu itself.
    await tf.setBackend('tensorflow');
    announceKernels(tf);
    return { tf, native: true };
  }
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Else the first user of TensorFlow in the process, which is tfjs, settles the threads of every later session.
  process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ??= 'true';
  if (options.chatter !== true) process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  try {
    return await loadNative(tf, options);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const official = loadOfficial(tf, error);
    if (official !== undefined) return official;
    if (options.fallback === 'error') throw error;
    return await loadPlain(tf, error);
  }
}

async function loadNative(tf: TensorFlow, options: LoadOptions): Promise<LoadedEngine> {
  checkPlatform();
  const installation = findInstallation(options) ?? (await installEngine(options));
  try {
    return requireInstalled(tf, installation);
  } catch (error) {
    // Right sizes and times, wrong bytes: only now worth the second that hashing everything takes.
    const damage = await findDamage(installation);
    if (damage === undefined) throw error;
    const renewed = await installEngine({ ...options, verify: true });
    return requireInstalled(tf, renewed);
  }
}

function requireInstalled(tf: TensorFlow, installation: Installation): LoadedEngine {
  const native = requireTfjsNode(tf, installation.tfjsNode, installation.binding);
  announceKernels(tf);
  return { tf: native, native: true, installation };
}

/** A flag of tfjs, so that other packages need not import the engine to know of its kernels. */
const kernelsFlag = 'SUPERCONVERGENCE_KERNELS';

/** Loads the engine's session, and with it its kernels, where the TensorFlow in this process has them. */
function announceKernels(tf: TensorFlow): void {
  if (nativeSessions() === undefined) return;
  const environment = tf.env() as unknown as { flagRegistry: Record<string, unknown> };
  if (!(kernelsFlag in environment.flagRegistry)) tf.env().registerFlag(kernelsFlag, () => true);
  // tfjs lists a flag only once somebody has asked for it.
  tf.env().getBool(kernelsFlag);
}

/** The binding in tfjs-node-gpu's own folder (its install script's, with TensorFlow 2.9), where it is there and loads. */
function loadOfficial(tf: TensorFlow, reason: EngineError): LoadedEngine | undefined {
  const tfjsNode = installedTfjsNode();
  if (tfjsNode === undefined) return undefined;
  try {
    const binding = join(tfjsNode.folder, 'lib', 'napi-v8', 'tfjs_binding.node');
    const engine = { tf: requireTfjsNode(tf, tfjsNode, binding), native: true };
    process.stderr.write(
      `engine: WARNING: using the TensorFlow in tfjs-node-gpu's own folder. ${reason.message}\n`,
    );
    return engine;
  } catch {
    return undefined;
  }
}

/** Measured on 2 cores: a training step of six 3×3 convolutions with 16 filters, 32 images of 32×32: 72 s against 0.17 s. */
const plainSlowdown = 400;

async function loadPlain(tf: TensorFlow, reason: EngineError): Promise<LoadedEngine> {
  process.stderr.write(
    `engine: WARNING: NO NATIVE TENSORFLOW. Going on in plain JavaScript, about ${plainSlowdown} times slower for convolutions.\n` +
      `engine: ${reason.message}\n`,
  );
  await tf.setBackend('cpu');
  // tfjs would print its own advice at the first tensor; what is said above is more to the point.
  (tf.backend() as { firstUse?: boolean }).firstUse = false;
  return { tf, native: false };
}

function requireTfjs(): TensorFlow {
  try {
    return require('@tensorflow/tfjs') as TensorFlow;
  } catch (cause) {
    throw new EngineError('no-tfjs', `@tensorflow/tfjs can't be loaded from ${dirname(import.meta.url)}`, {
      cause,
    });
  }
}
