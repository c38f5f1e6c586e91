import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindingFolderEnding } from './compile-binding.ts';
import { EngineError } from './errors.ts';
import type { NativeOperation, NativeOutput } from './native-graph.ts';
import type { NativeTensor } from './native-tensor.ts';

/** What the addon holds for a graph and for a session. */
export type GraphExternal = { readonly graph: unique symbol };
export type SessionExternal = { readonly session: unique symbol };

/** The functions of `session.node` (native/addon.cc). What TensorFlow refuses has the name of its code in `code`. */
export interface SessionAddon {
  createGraph(): GraphExternal;
  disposeGraph(graph: GraphExternal): void;
  addOperation(graph: GraphExternal, operation: NativeOperation): NativeOutput[];
  toGraphDef(graph: GraphExternal): Uint8Array;
  importGraphDef(graph: GraphExternal, bytes: Uint8Array): void;
  createSession(graph: GraphExternal, config: Uint8Array): SessionExternal;
  run(session: SessionExternal, ...what: RunArguments): Promise<NativeTensor[]>;
  runSync(session: SessionExternal, ...what: RunArguments): NativeTensor[];
  /** Drops what has not begun and waits for the rest. */
  dropRuns(session: SessionExternal): void;
  closeSession(session: SessionExternal): void;
}

type RunArguments = [
  feeds: Readonly<Record<string, NativeTensor>>,
  fetches: readonly string[],
  targets: readonly string[] | undefined,
];

const require = createRequire(import.meta.url);

/**
 * The addon compiled for the very TensorFlow that is loaded in this process, whoever loaded it; undefined where that
 * isn't one of the engine's. Another one must not be loaded: two TensorFlows in one process crash.
 *
 * @throws {EngineError} `load-failed`
 */
export function findSessionAddon(): SessionAddon | undefined {
  const library = findLoadedLibrary();
  if (library === undefined) return undefined;
  const installation = dirname(dirname(library));
  const path = readdirSync(installation)
    .filter((name) => name.endsWith(bindingFolderEnding()))
    .map((name) => join(installation, name, 'session.node'))
    .find((path) => existsSync(path));
  if (path === undefined) return undefined;
  try {
    return require(path) as SessionAddon;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('load-failed', `The engine's session could not be loaded (${why})`, { cause });
  }
}

/** The file of the TensorFlow in this process. */
function findLoadedLibrary(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const line = /^.*? (\/.*\/tensorflow\/libtensorflow_cc\.so\.2)$/m;
  const path = line.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1];
  return path !== undefined && existsSync(path) ? path : undefined;
}
