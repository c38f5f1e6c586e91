import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { NativeSessions } from '@superconvergence/engine';
import type * as tf from '@tensorflow/tfjs';
import { CompileError } from './errors.ts';
import { reachableNodes, type Computation } from './graph.ts';
import { toHost } from './host-tensors.ts';
import { handleAttributes, lower, nameGiver, type Lowered } from './lower.ts';
import { dataTypes, type NativeBackend } from './native-backend.ts';
import { attributeMessage, shapeMessage } from './protobuf-attributes.ts';
import {
  GraphDefSchema,
  NodeDefSchema,
  type GraphDef,
  type NodeDef,
  type SignatureDefSchema,
  type TensorInfoSchema,
} from './protobuf-tensorflow.ts';
import { writeEventFile } from './saved-model-event-file.ts';
import { writeModel } from './saved-model-files.ts';

/** A function that has been recorded, for one signature. */
export interface RecordedFunction {
  readonly name: string;
  readonly computation: Computation;
}

/** Where graphs are made, and variables have their values. */
export interface WriterContext {
  readonly backend: NativeBackend;
  readonly sessions: NativeSessions;
}

type SignatureDef = MessageInitShape<typeof SignatureDefSchema>;
type TensorInfo = MessageInitShape<typeof TensorInfoSchema>;

/**
 * Writes functions as a SavedModel, and into an event file for TensorBoard.
 *
 * @returns the names of the signatures
 */
export function writeSavedModel(
  folder: string,
  functions: readonly RecordedFunction[],
  context: WriterContext,
): string[] {
  if (functions.length === 0) {
    throw new CompileError('unsupported', 'Nothing has been recorded yet: call a compiled function first.');
  }
  const portable = functions.filter(({ computation }) => isPortable(computation));
  const model = new ModelGraph(portable, context);
  writeModel(folder, { graphDef: model.withValues(), signatures: { ...model.signatures, ...initialiser } });
  writeEventFile(folder, new ModelGraph(functions, context).graphDef);
  return Object.keys(model.signatures);
}

/** False where only the engine's own TensorFlow knows an operation. */
function isPortable(computation: Computation): boolean {
  return reachableNodes(computation).every(
    ({ source }) => source.kind !== 'operation' || !source.type.startsWith('Superconvergence'),
  );
}

/** The operation that gives variables their values; by this key TensorFlow runs it when it loads a SavedModel. */
const initialise = 'initialise';
const initialiserKey = '__saved_model_init_op';
const initialiser: Record<string, SignatureDef> = {
  [initialiserKey]: { outputs: { [initialiserKey]: { name: initialise, tensorShape: shapeMessage(null) } } },
};

/** Functions in one graph, without what the compiler does for speed. */
class ModelGraph {
  readonly graphDef: GraphDef;
  readonly signatures: Readonly<Record<string, SignatureDef>>;
  private readonly backend: NativeBackend;
  private readonly handles = new Map<tf.Variable, string>();

  constructor(functions: readonly RecordedFunction[], { backend, sessions }: WriterContext) {
    this.backend = backend;
    const graph = sessions.createGraph();
    // Nobody asks for the shapes of a graph that has a session.
    const session = sessions.createSession(graph);
    const nameOfVariable = nameGiver('variables');
    const handleOf = (variable: tf.Variable) => {
      const known = this.handles.get(variable);
      if (known !== undefined) return known;
      const name = nameOfVariable('', variable.name);
      const attributes = handleAttributes(name, dataTypes[variable.dtype], variable.shape);
      graph.addOperation({ type: 'VarHandleOp', name, attributes });
      this.handles.set(variable, name);
      return name;
    };
    const nameOfFunction = nameGiver('');
    const lowered = functions.map(({ name, computation }) => {
      const scope = nameOfFunction('', name);
      return { scope, computation, lowered: lower(graph, computation, scope, handleOf) };
    });
    this.graphDef = fromBinary(GraphDefSchema, graph.toGraphDef());
    // The machine that loads it may have other devices.
    for (const def of this.graphDef.node) def.device = '';
    session.close();
    graph.dispose();
    const definitions = new Map(this.graphDef.node.map((def) => [def.name, def]));
    this.signatures = Object.fromEntries(
      lowered.map(({ scope, computation, lowered }) => [
        scope,
        {
          inputs: inputsOf(lowered, definitions),
          outputs: this.addResults(scope, computation, lowered),
          methodName: 'tensorflow/serving/predict',
        },
      ]),
    );
  }

  /** The graph with an operation that gives the variables the values they have now. */
  withValues(): GraphDef {
    const added: NodeDef[] = [];
    const assigned: string[] = [];
    for (const [variable, handle] of this.handles) {
      refuseDisposed(variable);
      const tensor = toHost(this.backend, variable);
      const dtype = attributeMessage({ type: 'type', value: tensor.dtype });
      const [value, assign] = [`${initialise}/${handle}/value`, `${initialise}/${handle}/assign`];
      added.push(
        node(value, 'Const', [], { dtype, value: attributeMessage({ type: 'tensor', value: tensor }) }),
        node(assign, 'AssignVariableOp', [handle, value], { dtype }),
      );
      assigned.push(`^${assign}`);
    }
    added.push(node(initialise, 'NoOp', assigned));
    return create(GraphDefSchema, { ...this.graphDef, node: [...this.graphDef.node, ...added] });
  }

  /** Outputs that are there when the variables have been assigned. */
  private addResults(
    scope: string,
    { outputs }: Computation,
    { fetches, targets }: Lowered,
  ): Record<string, TensorInfo> {
    const control = targets.map((target) => `^${target}`);
    const results: Record<string, TensorInfo> = {};
    const add = (
      key: string,
      op: string,
      input: string[],
      dtype: number,
      shape: readonly number[] | null,
    ) => {
      const name = `${scope}/results/${key}`;
      const attr: NodeDefInit['attr'] = {};
      attr[op === 'Const' ? 'dtype' : 'T'] = attributeMessage({ type: 'type', value: dtype });
      if (op === 'Const') {
        const yes = { dtype, shape: [], data: Uint8Array.of(1) };
        attr.value = attributeMessage({ type: 'tensor', value: yes });
      }
      this.graphDef.node.push(node(name, op, [...input, ...control], attr));
      results[key] = { name: `${name}:0`, dtype, tensorShape: shapeMessage(shape) };
    };
    for (const [i, fetch] of fetches.entries()) {
      const output = outputs[i]?.node.outputs[outputs[i].index];
      if (output !== undefined) add(`output_${i}`, 'Identity', [fetch], output.dtype, output.shape);
    }
    if (fetches.length === 0) add('done', 'Const', [], dataTypes.bool, []);
    return results;
  }
}

type NodeDefInit = Exclude<MessageInitShape<typeof NodeDefSchema>, NodeDef>;

function node(name: string, op: string, input: string[], attr: NodeDefInit['attr'] = {}): NodeDef {
  return create(NodeDefSchema, { name, op, input, attr });
}

function inputsOf({ feeds }: Lowered, definitions: ReadonlyMap<string, NodeDef>): Record<string, TensorInfo> {
  return Object.fromEntries(
    Array.from(feeds, ([argument, name]) => {
      const { dtype, shape } = definitions.get(name)?.attr ?? {};
      const info: TensorInfo = { name: `${name}:0` };
      if (dtype?.value.case === 'type') info.dtype = dtype.value.value;
      if (shape?.value.case === 'shape') info.tensorShape = shape.value.value;
      return [argument, info];
    }),
  );
}

function refuseDisposed(variable: tf.Variable): void {
  if (!variable.isDisposed) return;
  throw new CompileError(
    'disposed',
    `The variable ${variable.name}, which a compiled function uses, has been disposed of, so there is no value to write.`,
  );
}
