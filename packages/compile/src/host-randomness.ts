import type { NativeTensor } from '@superconvergence/engine';
import { CompileError, traceError } from './errors.ts';
import { reachableNodes, type Computation, type GraphNode } from './graph.ts';
import { patch } from './patch.ts';

/**
 * While a function is recorded, refuses `Math.random`: numbers drawn then would be the same at every later call.
 *
 * @returns ends it
 */
export function refuseRandomness(): () => void {
  return patch(Math, 'random', () => () => {
    throw traceError(
      'host-randomness',
      'A compiled function draws random numbers in JavaScript (Math.random, or an operation of tfjs without a seed, as in ' +
        'tf.layers.dropout). The graph would use the same numbers at every call. Draw them outside and pass them as a ' +
        'tensor, or use dropout of @superconvergence/ops with a seed that you pass.',
    );
  });
}

/**
 * Compares two recordings of one function: a constant that differs comes from a random generator, a clock or a counter.
 *
 * @throws CompileError `host-randomness`
 */
export function refuseChangedConstants(first: Computation, second: Computation): void {
  const constants = constantsOf(first);
  const others = constantsOf(second);
  for (const [i, { tensor, user }] of constants.entries()) {
    const other = others[i]?.tensor;
    if (other !== undefined && areEqual(tensor, other)) continue;
    throw new CompileError(
      'host-randomness',
      `Recorded twice, the function has different constants: one of shape [${tensor.shape.join(', ')}], an input of ` +
        `${user}. JavaScript computes it anew at every call (a random generator, a clock, a counter), but the graph would ` +
        'keep the first. Pass it as a tensor.',
    );
  }
}

function constantsOf(computation: Computation): { tensor: NativeTensor; user: string }[] {
  const nodes = reachableNodes(computation);
  const users = new Map<GraphNode, string>();
  for (const { source, scope, inputs } of nodes) {
    if (source.kind !== 'operation') continue;
    for (const { node } of inputs) users.set(node, scope === '' ? source.type : `${source.type} in ${scope}`);
  }
  return nodes.flatMap((node) =>
    node.source.kind === 'constant'
      ? [{ tensor: node.source.tensor, user: users.get(node) ?? 'the result' }]
      : [],
  );
}

function areEqual(a: NativeTensor, b: NativeTensor): boolean {
  return (
    a.shape.join() === b.shape.join() &&
    a.data.length === b.data.length &&
    (a.data as Float32Array).every((value, i) => Object.is(value, b.data[i]))
  );
}
