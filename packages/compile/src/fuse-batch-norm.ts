import type { NativeAttribute, NativeOutput } from '@superconvergence/engine';
import type { Computation, GraphNode, GraphValue } from './graph.ts';
import { createNode, Rewriter, sameShape, shapeOf, typeOf } from './rewrite.ts';

/**
 * Joins each batch normalisation of a training step with its neighbours, a convolution's bias before it, the sum with a
 * shortcut and the rectifier after it, to one operation forward and one backward. What they compute is the same; they
 * pass over memory less than half as often.
 *
 * @param threads of each operation; 0: as many as TensorFlow's own
 */
export function fuseBatchNorm(computation: Computation, threads: number): Computation {
  const rewriter = new Rewriter(dropIdleReshapes(computation));
  // Where both terms of a sum are normalised, as with a projection shortcut, the first joins it.
  const joined = new Set<GraphNode>();
  for (const node of rewriter.nodes) {
    if (typeOf(node) !== 'FusedBatchNormV3') continue;
    const pattern = findPattern(rewriter, node, joined);
    if (pattern === undefined) continue;
    if (pattern.relu !== undefined) joined.add(pattern.relu);
    rewrite(rewriter, pattern, threads);
  }
  return rewriter.finish();
}

/** tfjs reshapes gradients to the shape they have. */
function dropIdleReshapes(computation: Computation): Computation {
  const rewriter = new Rewriter(computation);
  for (const node of rewriter.nodes) {
    const [x] = node.inputs;
    const isIdle = typeOf(node) === 'Reshape' || typeOf(node) === 'Identity';
    if (isIdle && x !== undefined && sameShape(x, { node, index: 0 }))
      rewriter.replace({ node, index: 0 }, x);
  }
  return rewriter.finish();
}

/** A batch normalisation of the native kernels and what joins it. */
interface Pattern {
  readonly norm: GraphNode;
  readonly gradient: GraphNode | undefined;
  /** The sum of a convolution and its bias, where it is no one else's. */
  readonly biasAdd: GraphNode | undefined;
  readonly add: GraphNode | undefined;
  readonly relu: GraphNode | undefined;
  readonly reluGradient: GraphNode | undefined;
}

function findPattern(
  rewriter: Rewriter,
  norm: GraphNode,
  joined: ReadonlySet<GraphNode>,
): Pattern | undefined {
  const { is_training, data_format, exponential_avg_factor } = norm.attributes;
  const [x] = norm.inputs;
  if (is_training?.value !== true || data_format?.value !== 'NHWC' || x === undefined) return undefined;
  if (exponential_avg_factor !== undefined && exponential_avg_factor.value !== 1) return undefined;

  // Outputs 3, 4 and 5 are what the gradient finds again; nobody else could understand them.
  const [gradient, ...others] = new Set(
    [3, 4, 5].flatMap((index) => rewriter.usersOf({ node: norm, index })),
  );
  if (others.length > 0 || (gradient !== undefined && typeOf(gradient) !== 'FusedBatchNormGradV3'))
    return undefined;
  if (gradient !== undefined && gradient.inputs[3]?.node !== norm) return undefined;

  const biasAdd = findBiasAdd(rewriter, x, norm, gradient);
  const y = { node: norm, index: 0 };
  const next = rewriter.onlyUser(y);
  const add =
    (typeOf(next) === 'Add' || typeOf(next) === 'AddV2') && next?.inputs.every((term) => sameShape(term, y))
      ? next
      : undefined;
  const afterAdd = add === undefined ? next : rewriter.onlyUser({ node: add, index: 0 });
  const relu = typeOf(afterAdd) === 'Relu' ? afterAdd : undefined;
  const plain = { norm, gradient, biasAdd, add: undefined, relu: undefined, reluGradient: undefined };
  if (relu === undefined || joined.has(relu)) return plain;
  if (gradient === undefined) return { ...plain, add, relu };

  const reluGradient = gradient.inputs[0]?.node;
  const joins =
    reluGradient !== undefined &&
    typeOf(reluGradient) === 'ReluGrad' &&
    reluGradient.inputs[1]?.node === relu &&
    (add !== undefined || rewriter.onlyUser({ node: reluGradient, index: 0 }) === gradient);
  return joins ? { norm, gradient, biasAdd, add, relu, reluGradient } : plain;
}

function findBiasAdd(
  rewriter: Rewriter,
  x: GraphValue,
  norm: GraphNode,
  gradient: GraphNode | undefined,
): GraphNode | undefined {
  const isOwn =
    typeOf(x.node) === 'BiasAdd' &&
    rewriter.usersOf(x).every((user) => user === norm || (user !== undefined && user === gradient));
  return isOwn ? x.node : undefined;
}

function rewrite(rewriter: Rewriter, pattern: Pattern, threads: number): void {
  const { norm, biasAdd, add, relu } = pattern;
  const [input, gamma, beta] = norm.inputs as [GraphValue, GraphValue, GraphValue];
  const x = biasAdd?.inputs[0] ?? input;
  const bias = biasAdd?.inputs[1] ?? empty;
  const residual = add?.inputs.find(({ node }) => node !== norm) ?? empty;
  const activation: NativeAttribute = { type: 'string', value: relu === undefined ? 'none' : 'relu' };
  const threadCount: NativeAttribute = { type: 'int', value: threads };
  const xOutput: NativeOutput = { dtype: 1, shape: shapeOf(x) ?? null };
  const channels: NativeOutput = { dtype: 1, shape: shapeOf(gamma) ?? null };

  const fused = createNode('SuperconvergenceBatchNormTraining', norm, {
    inputs: [x, bias, gamma, beta, residual],
    attributes: { epsilon: norm.attributes.epsilon as NativeAttribute, activation, threads: threadCount },
    outputs: [xOutput, channels, channels, channels],
  });
  const output = (index: number) => ({ node: fused, index });
  rewriter.replace({ node: relu ?? norm, index: 0 }, output(0));
  for (const index of [1, 2]) rewriter.replace({ node: norm, index }, output(index));

  const { gradient, reluGradient } = pattern;
  if (gradient === undefined) return;
  const dy = (reluGradient ?? gradient).inputs[0] as GraphValue;
  const hasResidual = add !== undefined && reluGradient !== undefined;
  const fusedGradient = createNode('SuperconvergenceBatchNormTrainingGrad', gradient, {
    inputs: [dy, hasResidual ? output(0) : empty, x, bias, gamma, beta, output(1), output(3)],
    attributes: { activation, has_residual: { type: 'bool', value: hasResidual }, threads: threadCount },
    outputs: [
      xOutput,
      channels,
      channels,
      hasResidual ? xOutput : none,
      biasAdd === undefined ? none : channels,
    ],
  });
  for (const index of [0, 1, 2]) {
    rewriter.replace({ node: gradient, index }, { node: fusedGradient, index });
  }
  if (hasResidual) rewriter.replace({ node: reluGradient, index: 0 }, { node: fusedGradient, index: 3 });
  for (const user of biasAdd === undefined ? [] : rewriter.usersOf({ node: gradient, index: 0 })) {
    if (user !== undefined && typeOf(user) === 'BiasAddGrad') {
      rewriter.replace({ node: user, index: 0 }, { node: fusedGradient, index: 4 });
    }
  }
}

const none: NativeOutput = { dtype: 1, shape: [0] };

/** What the fused operations take for an input that isn't there. */
const empty: GraphValue = {
  index: 0,
  node: {
    source: { kind: 'constant', tensor: { dtype: 1, shape: [0], data: new Float32Array(0) } },
    scope: '',
    inputs: [],
    attributes: {},
    outputs: [none],
  },
};
