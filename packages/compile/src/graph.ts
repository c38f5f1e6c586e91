import type { NativeAttribute, NativeOutput, NativeTensor } from '@superconvergence/engine';
import type * as tf from '@tensorflow/tfjs';

/** One operation of a recorded function. */
export interface GraphNode {
  /** TensorFlow's operation, or where a value comes from that no operation computes. */
  readonly source:
    | { readonly kind: 'operation'; readonly type: string }
    | { readonly kind: 'argument'; readonly name: string }
    | { readonly kind: 'variable'; readonly variable: tf.Variable }
    | { readonly kind: 'constant'; readonly tensor: NativeTensor };
  /** Layer or function it was recorded in, as a path: `stage1/block1/conv1`. */
  readonly scope: string;
  /** Device that it was asked to run on. */
  readonly device?: string | undefined;
  readonly inputs: readonly GraphValue[];
  readonly attributes: Readonly<Record<string, NativeAttribute>>;
  readonly outputs: readonly NativeOutput[];
}

/** One output of an operation. */
export interface GraphValue {
  readonly node: GraphNode;
  readonly index: number;
}

/** The values that a run computes, in every order that the data flow allows. */
export interface Computation {
  /** Fetched. */
  readonly outputs: readonly GraphValue[];
  /** New values of variables, given to them when all reads of the old ones are done. */
  readonly assignments: ReadonlyMap<tf.Variable, GraphValue>;
  /** Computed though nobody asks for the result. */
  readonly targets: readonly GraphValue[];
}

/** All nodes that a computation needs, every node after its inputs. */
export function reachableNodes({ outputs, assignments, targets }: Computation): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  // By hand rather than by recursion: deep networks would overflow the stack.
  const stack = [...targets, ...assignments.values(), ...outputs].map(({ node }) => ({ node, next: 0 }));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const input = top.node.inputs[top.next];
    if (top.next === 0 && seen.has(top.node)) stack.pop();
    else if (input === undefined) {
      stack.pop();
      seen.add(top.node);
      order.push(top.node);
    } else {
      top.next += 1;
      if (!seen.has(input.node)) stack.push({ node: input.node, next: 0 });
    }
  }
  return order;
}
