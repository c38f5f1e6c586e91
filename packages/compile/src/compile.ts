import * as tf from '@tensorflow/tfjs';
import { CompiledFunctions, takeArguments, type FunctionSettings } from './compiled-functions.ts';
import { CompileError } from './errors.ts';
import { nativeBackend, type NativeBackend } from './native-backend.ts';
import type { Precision } from './lower-precision.ts';
import { areSavedModelsForced, warnOfSavedModels } from './saved-model-choice.ts';
import type { TensorFunction } from './trace.ts';

/** How to compile; every part is optional. */
export interface CompileOptions {
  /** Threads within one operation, of this function's own. Default: those of TensorFlow. */
  intraOpThreads?: number;
  /** Operations at a time, with threads of this function's own. Default: those of TensorFlow. */
  interOpThreads?: number;
  /**
   * What convolutions and matrix products take and give. `bfloat16` and `float16` pay on hardware made for them (a GPU's
   * tensor cores, a processor with AMX) and are slower elsewhere; variables, their updates and normalisation stay
   * float32. float16 overflows at 65,504: scale the loss yourself. Default `float32`.
   */
  precision?: Precision;
  /** After so many graphs (one for each combination of shapes and plain arguments) a call is an error. Default 32. */
  maxTraces?: number;
  /** Runs the functions themselves, one operation after the other: to compare, or to step through. Default false. */
  eager?: boolean;
  /** Records everything twice and refuses constants that differ: numbers drawn in JavaScript. Default false. */
  debug?: boolean;
}

/** The same parameters; a promise of the same result. */
export type Compiled<F extends TensorFunction> = (...args: Parameters<F>) => Promise<ReturnType<F>>;

/** Ends compiled functions: frees their graphs; variables keep their values. */
export interface Disposable {
  dispose(): void;
}

/** Compiled functions as files. */
export interface SavedModelSource {
  /**
   * Writes what has been recorded so far into a folder: a SavedModel (`saved_model.pb`), a signature for each function
   * and combination of shapes, the variables with the values that they have now; and a file of events, whose graph
   * `tensorboard --logdir folder` shows.
   *
   * Running a signature of a training step trains: the loaded variables change. A learning rate is an input. Functions
   * that use operations of the engine's own (`adamWUpdate` of @superconvergence/ops on a processor) are for
   * TensorBoard alone, since no other TensorFlow knows them.
   *
   * @returns the names of the signatures: `train`, and `train_1` for the next shapes
   * @throws CompileError `unsupported` where nothing has been recorded, `disposed`
   */
  writeSavedModel(folder: string): Promise<string[]>;
}

export function compile<F extends TensorFunction>(
  fn: F,
  options?: CompileOptions,
): Compiled<F> & Disposable & SavedModelSource;
export function compile<T extends Record<string, TensorFunction>>(
  functions: T,
  options?: CompileOptions,
): { readonly [K in keyof T]: Compiled<T[K]> } & Disposable & SavedModelSource;
export function compile(
  functions: TensorFunction | Record<string, TensorFunction>,
  options: CompileOptions = {},
): unknown {
  const runner = new Runner(options);
  const methods: Disposable & SavedModelSource = {
    dispose: () => {
      runner.dispose();
    },
    writeSavedModel: (folder) => runner.writeSavedModel(folder),
  };
  if (typeof functions === 'function') {
    const name = functions.name === '' ? 'function' : functions.name;
    return Object.assign((...args: unknown[]) => runner.call(name, functions, args), methods);
  }
  for (const name of Object.keys(methods)) {
    if (name in functions) throw new RangeError(`A compiled function may not be called ${name}.`);
  }
  const compiled = Object.entries(functions).map(([name, fn]) => [
    name,
    (...args: unknown[]) => runner.call(name, fn, args),
  ]);
  return { ...(Object.fromEntries(compiled) as Record<string, unknown>), ...methods };
}

/** Runs functions natively where that can be had, else as they are. */
class Runner {
  private readonly settings: FunctionSettings;
  private creating: Promise<CompiledFunctions> | undefined;
  private native: CompiledFunctions | undefined;
  private readonly isEager: boolean;
  private isDisposed = false;

  constructor({
    eager = false,
    maxTraces = 32,
    debug = false,
    precision = 'float32',
    ...threads
  }: CompileOptions) {
    this.isEager = eager;
    this.settings = { maxTraces, debug, precision, ...threads };
  }

  async call(name: string, fn: TensorFunction, args: unknown[]): Promise<unknown> {
    this.refuseDisposed(name);
    const backend = this.isEager ? undefined : nativeBackend();
    if (backend === undefined) return runEagerly(fn, args);
    const taken = takeArguments(backend, args);
    // Without waiting where nothing need be waited for, so that what the caller assigns next comes after this call.
    const ready = lastWaiting === undefined ? this.native : undefined;
    const native = ready ?? (await inTurn(() => this.create(backend)));
    this.refuseDisposed(name);
    return native.call(name, fn, taken);
  }

  async writeSavedModel(folder: string): Promise<string[]> {
    this.refuseDisposed('to be written');
    if (this.native !== undefined) return this.native.writeSavedModel(folder);
    throw new CompileError(
      'unsupported',
      'Nothing has been recorded that could be written: call a compiled function first, on native TensorFlow.',
    );
  }

  dispose(): void {
    this.isDisposed = true;
    this.native?.dispose();
    this.native = undefined;
  }

  private refuseDisposed(name: string): void {
    if (this.isDisposed)
      throw new CompileError('disposed', `The compiled function ${name} has been disposed of.`);
  }

  private async create(backend: NativeBackend): Promise<CompiledFunctions> {
    this.creating ??= createNative(backend, this.settings);
    const created = await this.creating;
    if (this.isDisposed) created.dispose();
    else this.native = created;
    return created;
  }
}

/** The last of the calls that wait for their sessions, of all compiled functions. */
let lastWaiting: Promise<unknown> | undefined;

/** Waits behind all calls that wait, so that functions which share variables run in the order in which they were called. */
async function inTurn<T>(fn: () => Promise<T>): Promise<T> {
  const before = lastWaiting;
  const mine = (async () => {
    await before?.catch(() => undefined);
    return fn();
  })();
  lastWaiting = mine;
  try {
    return await mine;
  } finally {
    if (lastWaiting === mine) lastWaiting = undefined;
  }
}

async function createNative(backend: NativeBackend, settings: FunctionSettings): Promise<CompiledFunctions> {
  // By a name that bundlers don't see: a browser never comes here, and the engine is made of Node's modules.
  const engine = '@superconvergence/engine';
  const { EngineError, nativeSessions } = (await import(
    /* @vite-ignore */ engine
  )) as typeof import('@superconvergence/engine');
  const own = areSavedModelsForced() ? undefined : nativeSessions();
  if (own !== undefined) return new CompiledFunctions(backend, own, settings);
  warnOfSavedModels();
  const { savedModelSessions } = await import('./saved-model-sessions.ts');
  return new CompiledFunctions(backend, savedModelSessions(backend, EngineError), settings);
}

function runEagerly(fn: TensorFunction, args: unknown[]): unknown {
  return tf.tidy(() => fn(...(args as never[])) as tf.TensorContainer);
}
