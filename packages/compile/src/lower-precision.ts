import type { NativeAttribute } from '@superconvergence/engine';
import type { Computation, GraphNode, GraphValue } from './graph.ts';
import { createNode, Rewriter, shapeOf, typeOf } from './rewrite.ts';

/** TensorFlow's numbers of the data types with 16 bits. */
const lowTypes = { bfloat16: 14, float16: 19 } as const;

/** What most multiplications of a network are done in. */
export type Precision = 'float32' | keyof typeof lowTypes;

/** Operations that are mostly multiplications, and sum up in float32 whatever their inputs are. */
const multiplyingTypes = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNative',
  'MatMul',
  'BatchMatMulV2',
]);

/**
 * Has convolutions and matrix products take and give 16-bit numbers. Variables, their updates, normalisation and all the
 * rest stay float32.
 *
 * @see Micikevicius et al., https://arxiv.org/abs/1710.03740, §3.1: a master copy of the weights
 */
export function lowerPrecision(computation: Computation, precision: Precision): Computation {
  if (precision === 'float32') return computation;
  const rewriter = new Rewriter(computation);
  const dtype = lowTypes[precision];
  const casts = new Map<GraphNode, Map<number, GraphValue>>();
  const lowered = (value: GraphValue): GraphValue => {
    if (value.node.outputs[value.index]?.dtype !== 1) return value;
    const ofNode = casts.get(value.node) ?? new Map<number, GraphValue>();
    casts.set(value.node, ofNode);
    const cast = ofNode.get(value.index) ?? castTo(dtype, value, value.node);
    ofNode.set(value.index, cast);
    return cast;
  };
  for (const node of rewriter.nodes) {
    const type = typeOf(node);
    const [output] = node.outputs;
    if (type === undefined || !multiplyingTypes.has(type) || output?.dtype !== 1) continue;
    const product = createNode(type, node, {
      inputs: node.inputs.map(lowered),
      attributes: { ...node.attributes, T: { type: 'type', value: dtype } },
      outputs: [{ ...output, dtype }],
    });
    rewriter.replace({ node, index: 0 }, castTo(1, { node: product, index: 0 }, node));
  }
  return rewriter.finish();
}

function castTo(dtype: number, value: GraphValue, beside: GraphNode): GraphValue {
  const from = value.node.outputs[value.index]?.dtype ?? 1;
  const type = (number: number): NativeAttribute => ({ type: 'type', value: number });
  const node = createNode('Cast', beside, {
    inputs: [value],
    attributes: { SrcT: type(from), DstT: type(dtype) },
    outputs: [{ dtype, shape: shapeOf(value) ?? null }],
  });
  return { node, index: 0 };
}
