import type { NativeAttribute, NativeOutput } from '@superconvergence/engine';
import { reachableNodes, type Computation, type GraphNode, type GraphValue } from './graph.ts';

/** A computation while parts of it are replaced by others with the same results. */
export class Rewriter {
  private readonly computation: Computation;
  private readonly replacements = new Map<GraphNode, Map<number, GraphValue>>();
  private readonly userLists = new Map<GraphNode, { node: GraphNode | undefined; index: number }[]>();
  /** All operations, each after its inputs, as they were before any replacement. */
  readonly nodes: readonly GraphNode[];

  constructor(computation: Computation) {
    this.computation = computation;
    this.nodes = reachableNodes(computation);
    for (const node of this.nodes) for (const value of node.inputs) this.addUser(value, node);
    const { outputs, assignments, targets } = computation;
    for (const value of [...outputs, ...assignments.values(), ...targets]) this.addUser(value, undefined);
  }

  /** Who uses a value: operations, and `undefined` for what is fetched, assigned or asked for. */
  usersOf({ node, index }: GraphValue): (GraphNode | undefined)[] {
    return (this.userLists.get(node) ?? []).filter((user) => user.index === index).map((user) => user.node);
  }

  /** The single operation that uses a value, where there is just one. */
  onlyUser(value: GraphValue): GraphNode | undefined {
    const users = this.usersOf(value);
    return users.length === 1 ? users[0] : undefined;
  }

  /** From now on all users of `value` get `replacement`. */
  replace(value: GraphValue, replacement: GraphValue): void {
    const ofNode = this.replacements.get(value.node) ?? new Map<number, GraphValue>();
    ofNode.set(value.index, replacement);
    this.replacements.set(value.node, ofNode);
  }

  /** The computation with everything replaced. */
  finish(): Computation {
    const rebuilt = new Map<GraphNode, GraphNode>();
    const resolve = (value: GraphValue): GraphValue => {
      let current = value;
      for (;;) {
        const next = this.replacements.get(current.node)?.get(current.index);
        if (next === undefined) break;
        current = next;
      }
      return { node: rebuild(current.node), index: current.index };
    };
    const rebuild = (node: GraphNode): GraphNode => {
      const known = rebuilt.get(node);
      if (known !== undefined) return known;
      const isLeaf = node.inputs.length === 0;
      const inputs: GraphValue[] = [];
      const copy = isLeaf ? node : { ...node, inputs };
      rebuilt.set(node, copy);
      pending.push(() => {
        if (!isLeaf) inputs.push(...node.inputs.map(resolve));
      });
      return copy;
    };
    // Inputs are filled in afterwards rather than by recursion: deep networks would overflow the stack.
    const pending: (() => void)[] = [];
    const { outputs, assignments, targets } = this.computation;
    const finished = {
      outputs: outputs.map(resolve),
      assignments: new Map([...assignments].map(([variable, value]) => [variable, resolve(value)])),
      targets: targets.map(resolve),
    };
    for (let fill = pending.pop(); fill !== undefined; fill = pending.pop()) fill();
    return finished;
  }

  private addUser({ node: producer, index }: GraphValue, node: GraphNode | undefined): void {
    const users = this.userLists.get(producer) ?? [];
    users.push({ node, index });
    this.userLists.set(producer, users);
  }
}

/** The type of an operation; nothing for arguments, variables and constants. */
export function typeOf(node: GraphNode | undefined): string | undefined {
  return node?.source.kind === 'operation' ? node.source.type : undefined;
}

/** True where both have the same shape. */
export function sameShape(a: GraphValue, b: GraphValue): boolean {
  return shapeOf(a)?.join() === shapeOf(b)?.join();
}

export function shapeOf({ node, index }: GraphValue): readonly number[] | undefined {
  return node.outputs[index]?.shape ?? undefined;
}

/** A new operation of a rewritten computation, in the scope and on the device of one that was there. */
export function createNode(
  type: string,
  { scope, device }: GraphNode,
  parts: {
    inputs: readonly GraphValue[];
    attributes: Record<string, NativeAttribute>;
    outputs: readonly NativeOutput[];
  },
): GraphNode {
  return { source: { kind: 'operation', type }, scope, device, ...parts };
}
