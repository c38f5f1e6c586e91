import type { NativeGraph, NativeSession, NativeSessions, NativeTensor } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { CompileError } from './errors.ts';
import { fuseBatchNorm } from './fuse-batch-norm.ts';
import { fromHost, toHost } from './host-tensors.ts';
import { holdBytes } from './hold-bytes.ts';
import { refuseChangedConstants } from './host-randomness.ts';
import { LazyValues } from './lazy-values.ts';
import { lower, type Lowered } from './lower.ts';
import { lowerPrecision, type Precision } from './lower-precision.ts';
import type { NativeBackend } from './native-backend.ts';
import { countUpdates, frozenState, learningRateOf } from './optimizers.ts';
import { replaceConvolutions } from './replace-convolutions.ts';
import { SessionState } from './session-state.ts';
import { flatten, type Flattened } from './structure.ts';
import { trace, type TensorFunction, type Trace } from './trace.ts';
import { assignAndDispose } from './variables.ts';

/** How a session runs; see `CompileOptions`. */
export interface FunctionSettings {
  readonly intraOpThreads?: number;
  readonly interOpThreads?: number;
  readonly maxTraces: number;
  readonly debug: boolean;
  readonly precision: Precision;
}

/** A trace in the session's graph. */
interface Entry {
  readonly name: string;
  readonly trace: Trace;
  readonly lowered: Lowered;
}

/** The arguments of one call. */
export interface TakenArguments {
  readonly flat: Flattened;
  /** Of each tensor among them. */
  readonly data: readonly NativeTensor[];
}

/** Functions that share a session: their graphs, their variables, their runs. */
export class CompiledFunctions {
  private readonly backend: NativeBackend;
  private readonly sessions: NativeSessions;
  private readonly settings: FunctionSettings;
  private readonly graph: NativeGraph;
  private readonly session: NativeSession;
  private readonly state: SessionState;
  private readonly entries = new Map<string, Entry[]>();
  private numTraces = 0;
  private readonly scopes = new Map<string, number>();

  constructor(backend: NativeBackend, sessions: NativeSessions, settings: FunctionSettings) {
    const { intraOpThreads, interOpThreads } = settings;
    this.backend = backend;
    this.sessions = sessions;
    this.settings = settings;
    this.graph = sessions.createGraph();
    this.session = sessions.createSession(this.graph, { intraOpThreads, interOpThreads });
    const { graph, session } = this;
    this.state = new SessionState({ backend, lazyValues: LazyValues.of(backend), graph, session });
  }

  /** The engine's own operations, for processors. */
  private get hasOwnKernels(): boolean {
    return tf.env().getFlags().SUPERCONVERGENCE_KERNELS === true && !this.backend.isUsingGpuDevice;
  }

  /** Runs `fn`; has begun when it returns. */
  async call(name: string, fn: TensorFunction, args: TakenArguments): Promise<unknown> {
    const { trace, lowered } = this.entryFor(name, fn, args);
    this.state.beforeRun(lowered);
    const running = this.session.run(
      this.feedsOf(trace, lowered, args.data),
      lowered.fetches,
      lowered.targets,
    );
    this.state.afterStart(lowered);
    for (const use of trace.optimizers) countUpdates(use);
    const values = await running;
    return trace.result.rebuild(values.map(fromHost));
  }

  /** Writes all that has been recorded; see `SavedModelSource`. */
  async writeSavedModel(folder: string): Promise<string[]> {
    const { backend, sessions } = this;
    const { writeSavedModel } = await import('./saved-model-writer.ts');
    const functions = [...this.entries.values()]
      .flat()
      .map(({ name, trace: { computation } }) => ({ name, computation }));
    return writeSavedModel(folder, functions, { backend, sessions });
  }

  /** Gives back everything native. The variables keep their values. */
  dispose(): void {
    this.state.fetchAll();
    this.session.close();
    this.graph.dispose();
  }

  private entryFor(name: string, fn: TensorFunction, args: TakenArguments): Entry {
    const key = `${name} ${args.flat.key}`;
    const entries = this.entries.get(key) ?? [];
    const known = entries.find(({ trace }) =>
      trace.optimizers.every(({ optimizer, frozen }) => frozenState(optimizer) === frozen),
    );
    if (known !== undefined) return known;
    this.numTraces += 1;
    if (this.numTraces > this.settings.maxTraces) throw tooManyTraces(name, this.settings.maxTraces);
    const entry = this.createEntry(name, fn, args);
    entries.push(entry);
    this.entries.set(key, entries);
    return entry;
  }

  private createEntry(name: string, fn: TensorFunction, args: TakenArguments): Entry {
    const { backend, sessions } = this;
    const record = () => trace(fn, args.flat, { backend, sessions });
    let recorded = record();
    if (recorded.created.size > 0) {
      this.initialise(name, recorded, args.data);
      recorded = record();
    }
    refuseNewVariables(recorded);
    if (this.settings.debug) refuseChangedConstants(recorded.computation, record().computation);
    return { name, trace: recorded, lowered: this.lower(name, recorded.computation) };
  }

  /** Gives the variables that a function made while it was first recorded their first values. */
  private initialise(name: string, first: Trace, data: readonly NativeTensor[]): void {
    const variables = [...first.created.keys()];
    const computation = { outputs: [...first.created.values()], assignments: new Map(), targets: [] };
    const lowered = this.lower(`${name}_initial`, computation);
    this.state.beforeRun(lowered);
    const values = this.session.runSync(this.feedsOf(first, lowered, data), lowered.fetches);
    for (const [i, variable] of variables.entries()) {
      const value = values[i];
      if (value !== undefined) assignAndDispose(variable, fromHost(value));
    }
  }

  private lower(name: string, computation: Trace['computation']): Lowered {
    const count = this.scopes.get(name) ?? 0;
    this.scopes.set(name, count + 1);
    const scope = count === 0 ? name : `${name}_${count}`;
    const rewritten = this.rewrite(computation);
    return lower(this.graph, rewritten, scope, (variable) => this.state.handleOf(variable));
  }

  private rewrite(computation: Trace['computation']): Trace['computation'] {
    const { precision, intraOpThreads: threads = 0 } = this.settings;
    const low = lowerPrecision(holdBytes(computation), precision);
    return this.hasOwnKernels ? replaceConvolutions(fuseBatchNorm(low, threads), threads) : low;
  }

  private feedsOf(
    trace: Trace,
    { feeds }: Lowered,
    data: readonly NativeTensor[],
  ): Record<string, NativeTensor> {
    const values = new Map<string, NativeTensor>(data.map((tensor, i) => [`argument_${i}`, tensor]));
    for (const { optimizer, rate } of trace.optimizers) {
      if (rate === undefined) continue;
      const learningRate = learningRateOf(optimizer);
      values.set(rate.positive, float(learningRate)).set(rate.negative, float(-learningRate));
    }
    const named: Record<string, NativeTensor> = {};
    for (const [argument, placeholder] of feeds) {
      const value = values.get(argument);
      if (value !== undefined) named[placeholder] = value;
    }
    return named;
  }
}

/** Takes the arguments of a call and their data, at once: the caller may dispose of them while the call waits. */
export function takeArguments(backend: NativeBackend, args: readonly unknown[]): TakenArguments {
  const flat = flatten(args);
  return { flat, data: flat.tensors.map((tensor) => toHost(backend, tensor)) };
}

function refuseNewVariables({ created }: Trace): void {
  const [variable] = created.keys();
  if (variable === undefined) return;
  for (const each of created.keys()) each.dispose();
  throw new CompileError(
    'variable-created',
    `The compiled function makes a variable (${variable.name}) at every call. Make it outside, once.`,
  );
}

function float(value: number): NativeTensor {
  return { dtype: 1, shape: [], data: Float32Array.of(value) };
}

function tooManyTraces(name: string, maxTraces: number): CompileError {
  return new CompileError(
    'too-many-traces',
    `${name} has been recorded ${maxTraces} times, for as many combinations of shapes and plain arguments. Pass numbers ` +
      'that change as tensors (tf.scalar) and keep the batch size fixed, or raise maxTraces.',
  );
}
