import type { NativeAttribute } from '@superconvergence/engine';
import type { Computation, GraphNode, GraphValue } from './graph.ts';
import { createNode, Rewriter, shapeOf, typeOf } from './rewrite.ts';

/**
 * Has 3×3 convolutions with stride 1 computed by the engine's own kernels (Winograd's F(4×4, 3×3), four times fewer
 * multiplications) where these are faster.
 *
 * @param threads of each operation; 0: as many as TensorFlow's own
 * @see Lavin & Gray, https://arxiv.org/abs/1509.09308
 */
export function replaceConvolutions(computation: Computation, threads: number): Computation {
  const rewriter = new Rewriter(computation);
  for (const node of rewriter.nodes) {
    const replacement = replacementOf(node, threads);
    if (replacement !== undefined) rewriter.replace({ node, index: 0 }, { node: replacement, index: 0 });
  }
  return rewriter.finish();
}

function replacementOf(node: GraphNode, threads: number): GraphNode | undefined {
  const parts = partsOf(node);
  if (parts === undefined || !isPlain(node) || !isFaster(parts.image, parts.filter)) return undefined;
  const threadCount: NativeAttribute = { type: 'int', value: threads };
  const backward: NativeAttribute = { type: 'bool', value: parts.type === 'Conv2DBackpropInput' };
  return createNode(
    parts.type === 'Conv2DBackpropFilter'
      ? 'SuperconvergenceConvolutionFilterGrad'
      : 'SuperconvergenceConvolution',
    node,
    {
      inputs: parts.inputs,
      attributes: {
        threads: threadCount,
        ...(parts.type === 'Conv2DBackpropFilter' ? {} : { backward }),
      },
      outputs: node.outputs,
    },
  );
}

interface Parts {
  readonly type: 'Conv2D' | 'Conv2DBackpropInput' | 'Conv2DBackpropFilter';
  readonly inputs: GraphValue[];
  /** Shape of x, or of its gradient. */
  readonly image: readonly number[];
  readonly filter: readonly number[];
}

/** A convolution's inputs and shapes, whichever of its three passes it is. */
function partsOf(node: GraphNode): Parts | undefined {
  const [first, second, third] = node.inputs;
  if (first === undefined || second === undefined) return undefined;
  const output = { node, index: 0 };
  const type = typeOf(node);
  if (type === 'Conv2D') return withShapes(type, [first, second], first, second);
  if (third === undefined) return undefined;
  // The gradients take the shape of what they compute as an input.
  if (type === 'Conv2DBackpropInput') return withShapes(type, [third, second], output, second);
  return type === 'Conv2DBackpropFilter' ? withShapes(type, [first, third], first, output) : undefined;
}

function withShapes(
  type: Parts['type'],
  inputs: GraphValue[],
  image: GraphValue,
  filter: GraphValue,
): Parts | undefined {
  const [imageShape, filterShape] = [shapeOf(image), shapeOf(filter)];
  return imageShape === undefined || filterShape === undefined
    ? undefined
    : { type, inputs, image: imageShape, filter: filterShape };
}

/** float32, channels last, stride 1, as many pixels out as in, no holes. */
function isPlain({ attributes, outputs }: GraphNode): boolean {
  const isOnes = (attribute: NativeAttribute | undefined) =>
    attribute === undefined ||
    (Array.isArray(attribute.value) && attribute.value.every((size: unknown) => size === 1));
  return (
    outputs[0]?.dtype === 1 &&
    attributes.padding?.value === 'SAME' &&
    attributes.data_format?.value === 'NHWC' &&
    isOnes(attributes.strides) &&
    isOnes(attributes.dilations)
  );
}

/**
 * Measured against TensorFlow's kernels: few channels leave the matrix products too small, and few tiles are not worth the
 * filter's transformation (one image of 8×8 with 640 channels: five times slower).
 */
function isFaster(image: readonly number[], filter: readonly number[]): boolean {
  const [images = 0, height = 0, width = 0] = image;
  const [rows, columns, inputs = 0, outputs = 0] = filter;
  const numTiles = images * Math.ceil(height / 4) * Math.ceil(width / 4);
  const isLarge = Math.min(inputs, outputs) >= 16 && Math.min(height, width) >= 4 && numTiles >= 32;
  return rows === 3 && columns === 3 && isLarge;
}
