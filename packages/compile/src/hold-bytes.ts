import type { NativeTensor } from '@superconvergence/engine';
import type { Computation, GraphNode, GraphValue } from './graph.ts';
import { createNode, Rewriter, shapeOf, typeOf } from './rewrite.ts';

/** Constants of fewer numbers are left as they are. */
const fewestNumbers = 65_536;

const uint8 = 4;

/**
 * Holds a data set of images as bytes. tfjs knows no 8-bit numbers, so a data set that a function gathers its batches from
 * is a constant of int32; where all its numbers are bytes, and what is gathered is cast at once, the graph keeps a quarter.
 */
export function holdBytes(computation: Computation): Computation {
  const rewriter = new Rewriter(computation);
  for (const node of rewriter.nodes) {
    if (node.source.kind !== 'constant' || !areBytes(node.source.tensor)) continue;
    const gathers = rewriter.usersOf({ node, index: 0 });
    if (gathers.every((gather) => isGatherThatIsCast(rewriter, node, gather))) {
      const bytes = bytesOf(node, node.source.tensor);
      for (const gather of gathers) if (gather !== undefined) gatherBytes(rewriter, bytes, gather);
    }
  }
  return rewriter.finish();
}

function areBytes({ dtype, data }: NativeTensor): boolean {
  return (
    dtype === 3 &&
    data.length >= fewestNumbers &&
    (data as Int32Array).every((number) => number >= 0 && number <= 255)
  );
}

function isGatherThatIsCast(rewriter: Rewriter, source: GraphNode, gather: GraphNode | undefined): boolean {
  if (gather === undefined || typeOf(gather) !== 'GatherV2' || gather.inputs[0]?.node !== source)
    return false;
  return rewriter.usersOf({ node: gather, index: 0 }).every((user) => typeOf(user) === 'Cast');
}

function bytesOf(node: GraphNode, { shape, data }: NativeTensor): GraphValue {
  const tensor = { dtype: uint8, shape, data: Uint8Array.from(data as Int32Array) };
  return {
    node: { ...node, source: { kind: 'constant', tensor }, outputs: [{ dtype: uint8, shape }] },
    index: 0,
  };
}

function gatherBytes(rewriter: Rewriter, bytes: GraphValue, gather: GraphNode): void {
  const gathered = createNode('GatherV2', gather, {
    inputs: [bytes, ...gather.inputs.slice(1)],
    attributes: { ...gather.attributes, Tparams: { type: 'type', value: uint8 } },
    outputs: [{ dtype: uint8, shape: shapeOf({ node: gather, index: 0 }) ?? null }],
  });
  for (const cast of new Set(rewriter.usersOf({ node: gather, index: 0 }))) {
    if (cast === undefined) continue;
    const replacement = createNode('Cast', cast, {
      inputs: [{ node: gathered, index: 0 }],
      attributes: { ...cast.attributes, SrcT: { type: 'type', value: uint8 } },
      outputs: cast.outputs,
    });
    rewriter.replace({ node: cast, index: 0 }, { node: replacement, index: 0 });
  }
}
