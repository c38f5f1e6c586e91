import type { NativeAttribute, NativeGraph, NativeOutput, NativeTensor } from '@superconvergence/engine';
import type * as tf from '@tensorflow/tfjs';
import { reachableNodes, type Computation, type GraphNode, type GraphValue } from './graph.ts';
import { constantAttributes, placeholderAttributes } from './recorder.ts';

/** A computation in a session's graph, by the names that a run gives. */
export interface Lowered {
  /** Arguments that the computation needs: name in the function → name in the graph. */
  readonly feeds: ReadonlyMap<string, string>;
  readonly fetches: readonly string[];
  readonly targets: readonly string[];
  readonly reads: ReadonlySet<tf.Variable>;
  readonly assigned: ReadonlySet<tf.Variable>;
}

/**
 * Adds a computation to a session's graph.
 *
 * Each variable is read once and before it is assigned. No variable is assigned before all outputs are there, so that
 * an operation that fails on its way to them (a label out of range) leaves every variable as it was.
 *
 * @param scope prefix of all names, new in this graph
 * @param handleOf name of the resource handle of a variable in this graph
 */
export function lower(
  graph: NativeGraph,
  computation: Computation,
  scope: string,
  handleOf: (variable: tf.Variable) => string,
): Lowered {
  const feeds = new Map<string, string>();
  const reads = new Map<tf.Variable, string>();
  const names = new Map<GraphNode, string>();
  const uniqueName = nameGiver(scope);
  const reference = ({ node, index }: GraphValue) => `${names.get(node) ?? ''}:${index}`;

  for (const node of reachableNodes(computation)) {
    const { source, inputs, attributes } = node;
    const { dtype, shape } = node.outputs[0] ?? ({ dtype: 0, shape: [] } satisfies NativeOutput);
    switch (source.kind) {
      case 'argument': {
        const name = uniqueName('', source.name);
        graph.addOperation({ type: 'Placeholder', name, attributes: placeholderAttributes(dtype, shape) });
        feeds.set(source.name, name);
        names.set(node, name);
        break;
      }
      case 'variable': {
        const { variable } = source;
        const name = uniqueName('read', variable.name);
        graph.addOperation({
          type: 'ReadVariableOp',
          name,
          inputs: [handleOf(variable)],
          attributes: { dtype: { type: 'type', value: dtype } },
        });
        reads.set(variable, name);
        names.set(node, name);
        break;
      }
      case 'constant':
        names.set(node, addConstant(graph, source.tensor, uniqueName));
        break;
      case 'operation': {
        const name = uniqueName(node.scope, source.type);
        graph.addOperation({
          type: source.type,
          name,
          inputs: inputs.map(reference),
          attributes,
          device: node.device,
        });
        names.set(node, name);
      }
    }
  }

  const fetches = computation.outputs.map((value, i) => {
    const name = uniqueName('', `output_${i}`);
    graph.addOperation({ type: 'Identity', name, inputs: [reference(value)] });
    return name;
  });
  const updates = [...computation.assignments].map(([variable, value]) => {
    const name = uniqueName('assign', variable.name);
    const read = reads.get(variable);
    graph.addOperation({
      type: 'AssignVariableOp',
      name,
      inputs: [handleOf(variable), reference(value)],
      controlInputs: [...fetches, ...(read === undefined ? [] : [read])],
    });
    return name;
  });
  // As targets of the run, not as control inputs: TensorFlow's optimiser drops what only control depends on.
  const targets = computation.targets.map(({ node }) => names.get(node) ?? '');
  if (updates.length > 0) {
    const name = uniqueName('', 'update');
    graph.addOperation({ type: 'NoOp', name, controlInputs: updates });
    targets.push(name);
  }
  return {
    feeds,
    fetches,
    targets: [...new Set(targets)],
    reads: new Set(reads.keys()),
    assigned: new Set(computation.assignments.keys()),
  };
}

/** A large constant that is one number over and over, a tensor of zeros for instance, becomes a `Fill`. */
function addConstant(
  graph: NativeGraph,
  tensor: NativeTensor,
  uniqueName: (scope: string, name: string) => string,
): string {
  const { dtype, shape, data } = tensor;
  const add = (value: NativeTensor, base: string) => {
    const name = uniqueName('constants', base);
    graph.addOperation({ type: 'Const', name, attributes: constantAttributes(value) });
    return name;
  };
  const [first] = data;
  const isUniform =
    data.length > 64 && dtype !== 8 && (data as Float32Array).every((element) => Object.is(element, first));
  if (!isUniform) return add(tensor, 'constant');
  const dims = add({ dtype: 3, shape: [shape.length], data: Int32Array.from(shape) }, 'shape');
  const value = add({ dtype, shape: [], data: data.slice(0, 1) }, 'value');
  const name = uniqueName('constants', 'fill');
  graph.addOperation({ type: 'Fill', name, inputs: [dims, value] });
  return name;
}

/** Names that no two nodes of a graph share, within TensorFlow's alphabet. */
export function nameGiver(prefix: string): (scope: string, name: string) => string {
  const used = new Set<string>();
  return (scope, name) => {
    const path = [prefix, ...scope.split('/'), ...name.split('/')].filter((part) => part !== '');
    const base = path.map((part) => part.replace(/[^\w.-]/g, '_').replace(/^[^A-Za-z0-9.]/, 'x')).join('/');
    let unique = base;
    for (let i = 1; used.has(unique); i++) unique = `${base}_${i}`;
    used.add(unique);
    return unique;
  };
}

/** Attributes of a variable's resource handle. */
export function handleAttributes(
  name: string,
  dtype: number,
  shape: readonly number[],
): Record<string, NativeAttribute> {
  return {
    dtype: { type: 'type', value: dtype },
    shape: { type: 'shape', value: shape },
    shared_name: { type: 'string', value: name },
  };
}
