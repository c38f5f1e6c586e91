import { EngineError } from './errors.ts';
import type { NativeDataType, NativeTensor } from './native-tensor.ts';
import type { GraphExternal, SessionAddon } from './session-addon.ts';

/** An attribute of an operation, of the type that the op's definition gives it. Whole numbers are int64. */
export type NativeAttribute =
  | { type: 'bool'; value: boolean | readonly boolean[] }
  | { type: 'int'; value: number | readonly number[] }
  | { type: 'float'; value: number | readonly number[] }
  | { type: 'string'; value: string | readonly string[] }
  | { type: 'type'; value: NativeDataType | readonly NativeDataType[] }
  /** `null` for an unknown rank, -1 for an unknown size. */
  | { type: 'shape'; value: readonly number[] | null }
  | { type: 'tensor'; value: NativeTensor };

/** One operation to add. */
export interface NativeOperation {
  /** The op: `MatMul`, `Const` … */
  type: string;
  /** Unique in the graph. */
  name: string;
  /** `node` or `node:1`, flat as in a NodeDef: the members of a list one after the other. */
  inputs?: readonly string[];
  /** Names of operations to run before. */
  controlInputs?: readonly string[];
  /** Those that follow from the inputs (types, lengths of lists) may be left out. */
  attributes?: Readonly<Record<string, NativeAttribute>>;
  /** For example `/device:CPU:0`. Default: TensorFlow's choice. */
  device?: string;
}

/** What TensorFlow infers of an output. */
export interface NativeOutput {
  dtype: NativeDataType;
  /** `null` for an unknown rank, -1 for an unknown size. */
  shape: readonly number[] | null;
}

/** A TensorFlow graph that grows operation by operation, also while sessions run on it. */
export interface NativeGraph {
  /**
   * Adds one operation; TensorFlow checks it and infers missing type attributes and the shapes of its outputs.
   * After an error the graph is as before.
   *
   * @returns one entry per output
   * @throws {EngineError} `graph-error` with TensorFlow's message and the operation's name
   * @throws {RangeError | TypeError} for malformed attributes and tensors
   */
  addOperation(operation: NativeOperation): NativeOutput[];
  /** The graph as a serialised GraphDef. */
  toGraphDef(): Uint8Array;
  /**
   * Adds the operations of a serialised GraphDef, under their own names.
   *
   * @throws {EngineError} `graph-error`
   */
  importGraphDef(bytes: Uint8Array): void;
  /** Lets go of the graph; sessions on it go on. Afterwards every call but this one is an EngineError `graph-error`. */
  dispose(): void;
}

const externals = new WeakMap<NativeGraph, GraphExternal>();

/** An empty graph. */
export function createGraph(addon: SessionAddon): NativeGraph {
  const external = addon.createGraph();
  const graph: NativeGraph = {
    addOperation: (operation) =>
      explain(`The operation '${operation.name}' (${operation.type}) can't be added`, () =>
        addon.addOperation(external, operation),
      ),
    toGraphDef: () => explain("The graph can't be written", () => addon.toGraphDef(external)),
    importGraphDef: (bytes) => {
      explain("The GraphDef can't be imported", () => {
        addon.importGraphDef(external, bytes);
      });
    },
    dispose: () => {
      addon.disposeGraph(external);
    },
  };
  externals.set(graph, external);
  return graph;
}

/** The addon's own side of a graph. */
export function externalOf(graph: NativeGraph): GraphExternal {
  const external = externals.get(graph);
  if (external === undefined) throw new TypeError('graph must come from createGraph() of the same engine.');
  return external;
}

function explain<Result>(what: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw nativeError('graph-error', what, error);
  }
}

/** What the addon threw: an EngineError where TensorFlow said it, else the error itself, which is about an argument. */
export function nativeError(code: 'graph-error' | 'run-error', what: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!('code' in error)) return error;
  return new EngineError(code, `${what}: ${error.message.trim().replace(/\.$/, '')}`, { cause: error });
}
