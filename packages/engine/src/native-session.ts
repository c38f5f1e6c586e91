import { createGraph, externalOf, nativeError } from './native-graph.ts';
import type { NativeGraph } from './native-graph.ts';
import type { NativeTensor } from './native-tensor.ts';
import type { SessionAddon, SessionExternal } from './session-addon.ts';
import { findSessionAddon } from './session-addon.ts';
import { encodeSessionConfig } from './session-config.ts';

/**
 * How a session uses the machine; where either is given, the session has thread pools of its own. The threads within
 * an operation are the process's common ones all the same where TF_OVERRIDE_GLOBAL_THREADPOOL isn't `true` when
 * TensorFlow is loaded; `loadEngine` sees to that.
 */
export interface NativeSessionOptions {
  /** Threads within one operation. Default: TF_NUM_INTRAOP_THREADS, else as many as there are cores. */
  intraOpThreads?: number;
  /** Operations at a time. Default: TF_NUM_INTEROP_THREADS, else as many as there are cores. */
  interOpThreads?: number;
}

/** A TensorFlow session: it runs parts of a graph and keeps the graph's variables. */
export interface NativeSession {
  /**
   * Runs what the fetches and targets need. Runs are done one after the other, in the order of the calls, on a thread
   * of the session's own; Node stays free. The data is copied at the call.
   *
   * @param feeds values by `node` or `node:0`
   * @param fetches outputs to return, `node` or `node:1`
   * @param targets operations to run without fetching anything
   * @returns the fetched outputs, in the order of `fetches`; rejects with an EngineError `run-error` and TensorFlow's
   *   message, or with a RangeError or TypeError for malformed tensors
   */
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: readonly string[],
    targets?: readonly string[],
  ): Promise<NativeTensor[]>;
  /** The same, waiting here until everything asked for earlier and this are done. */
  runSync(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: readonly string[],
    targets?: readonly string[],
  ): NativeTensor[];
  /** Waits for what is under way and frees the variables. Afterwards every run is an EngineError `run-error`. */
  close(): void;
}

/** Graphs and sessions of the TensorFlow that the engine loaded. */
export interface NativeSessions {
  /** An empty graph. */
  createGraph(): NativeGraph;
  /**
   * A session on a graph, which may still be extended between runs.
   *
   * @throws {RangeError} for a number of threads that is no positive whole number
   * @throws {EngineError} `run-error`
   */
  createSession(graph: NativeGraph, options?: NativeSessionOptions): NativeSession;
}

let sessions: NativeSessions | undefined;

/** How many runs each session owes an answer. */
const busy = new Map<SessionExternal, number>();

/**
 * Graphs and sessions of the TensorFlow in this process; undefined where the loaded engine has no session of its own
 * (nothing loaded yet, plain JavaScript, tfjs-node-gpu's official binary).
 *
 * @throws {EngineError} `load-failed` where the engine's addon is damaged
 * @example
 * await loadEngine();
 * const native = nativeSessions();
 * const graph = native?.createGraph();
 */
export function nativeSessions(): NativeSessions | undefined {
  if (sessions !== undefined) return sessions;
  const addon = findSessionAddon();
  if (addon === undefined) return undefined;
  process.once('exit', () => {
    // Node would destroy TensorFlow's static objects under a run, and crash.
    for (const session of busy.keys()) addon.dropRuns(session);
  });
  sessions = {
    createGraph: () => createGraph(addon),
    createSession: (graph, options) => createSession(addon, graph, options),
  };
  return sessions;
}

function createSession(
  addon: SessionAddon,
  graph: NativeGraph,
  options: NativeSessionOptions = {},
): NativeSession {
  const config = encodeSessionConfig(options);
  const session = explain("The session can't be made", () => addon.createSession(externalOf(graph), config));
  const what = "The session can't run";
  return {
    run: async (feeds, fetches, targets) => {
      try {
        busy.set(session, (busy.get(session) ?? 0) + 1);
        return await addon.run(session, feeds, fetches, targets);
      } catch (error) {
        throw nativeError('run-error', what, error);
      } finally {
        const left = (busy.get(session) ?? 1) - 1;
        if (left > 0) busy.set(session, left);
        else busy.delete(session);
      }
    },
    runSync: (feeds, fetches, targets) =>
      explain(what, () => addon.runSync(session, feeds, fetches, targets)),
    close: () => {
      addon.closeSession(session);
    },
  };
}

function explain<Result>(what: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw nativeError('run-error', what, error);
  }
}
