import { expect } from 'vitest';
import type { NativeAttribute, NativeGraph, NativeOutput, NativeSessions, NativeTensor } from '../index.ts';
import { float32 } from './native-values.ts';

const epsilon = 1e-3;
const none: NativeTensor = float32([]);

/** What a batch normalisation and its gradient are given; a residual of shape [0] is none. */
export interface Inputs {
  x: NativeTensor;
  bias: NativeTensor;
  gamma: NativeTensor;
  beta: NativeTensor;
  residual: NativeTensor;
  dy: NativeTensor;
}

/** Seeded inputs of a shape; x is spread evenly about `mean`. */
export function makeInputs(shape: readonly number[], mean: number, residual: boolean): Inputs {
  const count = shape.reduce((a, b) => a * b);
  const channels = shape.at(-1) ?? 0;
  return {
    x: float32(
      random(count, 1).map((value) => value + mean),
      shape,
    ),
    bias: float32(random(channels, 2)),
    gamma: float32(random(channels, 3)),
    beta: float32(random(channels, 4)),
    residual: residual ? float32(random(count, 5), shape) : none,
    dy: float32(random(count, 6), shape),
  };
}

/** Uniform in [-1.5, 1.5), by a linear congruential generator. */
export function random(count: number, seed: number): number[] {
  let state = seed * 7919;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state / 2 ** 32) * 3 - 1.5);
  });
}

/** A tensor of rank 0. */
export function scalar(value: number): NativeTensor {
  return float32([value], []);
}

/** Adds the operation and its gradient to a graph of their own. */
export function addBatchNorm(
  native: NativeSessions,
  inputs: Inputs,
  relu: boolean,
  threads: number,
): { graph: NativeGraph; outputs: NativeOutput[] } {
  const graph = native.createGraph();
  for (const [name, { shape }] of Object.entries(inputs) as [string, NativeTensor][])
    addPlaceholder(name, 1, shape);
  addPlaceholder('none', 1, [0]);
  const residual = inputs.residual.data.length > 0;
  const attributes: Record<string, NativeAttribute> = {
    activation: { type: 'string', value: relu ? 'relu' : 'none' },
    threads: { type: 'int', value: threads },
  };
  const forward = graph.addOperation({
    type: 'SuperconvergenceBatchNormTraining',
    name: 'forward',
    inputs: ['x', 'bias', 'gamma', 'beta', 'residual'],
    attributes: { ...attributes, epsilon: { type: 'float', value: epsilon } },
  });
  const backward = graph.addOperation({
    type: 'SuperconvergenceBatchNormTrainingGrad',
    name: 'backward',
    inputs: [
      'dy',
      relu && residual ? 'forward' : 'none',
      'x',
      'bias',
      'gamma',
      'beta',
      'forward:1',
      'forward:3',
    ],
    attributes: { ...attributes, has_residual: { type: 'bool', value: residual } },
  });
  return { graph, outputs: [...forward, ...backward] };

  function addPlaceholder(name: string, dtype: number, shape: readonly number[]): void {
    const attributes = {
      dtype: { type: 'type', value: dtype },
      shape: { type: 'shape', value: shape },
    } as const;
    graph.addOperation({ type: 'Placeholder', name, attributes });
  }
}

/** Runs both; their outputs by name. */
export function batchNorm(
  native: NativeSessions,
  inputs: Inputs,
  relu: boolean,
  threads = 0,
): Partial<Record<string, NativeTensor>> {
  const { graph } = addBatchNorm(native, inputs, relu, threads);
  const session = native.createSession(graph);
  const forward = ['y', 'mean', 'variance', 'deviation'].map((name, i) => [name, `forward:${i}`] as const);
  const gradients = ['dx', 'dgamma', 'dbeta', 'dresidual', 'dbias'];
  const backward = gradients.map((name, i) => [name, `backward:${i}`] as const);
  const outputs = [...forward, ...backward];
  try {
    const fetched = session.runSync(
      { ...inputs, none },
      outputs.map(([, node]) => node),
    );
    return Object.fromEntries(outputs.map(([name], i) => [name, fetched[i]]));
  } finally {
    session.close();
    graph.dispose();
  }
}

/** Runs one operation on fed inputs. */
export function run(
  native: NativeSessions,
  op: string,
  inputs: NativeTensor[],
  attributes: Record<string, NativeAttribute> = {},
): NativeTensor[] {
  const graph = native.createGraph();
  for (const [i, { dtype }] of inputs.entries()) {
    const placeholder = { dtype: { type: 'type', value: dtype } } as const;
    graph.addOperation({ type: 'Placeholder', name: `input${i}`, attributes: placeholder });
  }
  const names = inputs.map((_, i) => `input${i}`);
  const outputs = graph.addOperation({ type: op, name: 'op', inputs: names, attributes });
  const session = native.createSession(graph);
  const feeds = Object.fromEntries(inputs.map((value, i) => [`input${i}`, value]));
  const fetched = session.runSync(
    feeds,
    outputs.map((_, i) => `op:${i}`),
  );
  session.close();
  graph.dispose();
  return fetched;
}

/** Straight from the definitions, a channel at a time. */
export function referenceBatchNorm(inputs: Inputs, relu: boolean): Reference {
  const [x, dy] = [Array.from(inputs.x.data, Number), Array.from(inputs.dy.data, Number)];
  const [bias, gamma, beta] = [inputs.bias, inputs.gamma, inputs.beta].map(({ data }) =>
    Array.from(data, Number),
  );
  const channels = gamma?.length ?? 0;
  const rows = x.length / channels;
  const perElement = () => new Float64Array(x.length);
  const perChannel = () => new Float64Array(channels);
  const [y, dx, masked] = [perElement(), perElement(), perElement()];
  const [mean, variance, deviation] = [perChannel(), perChannel(), perChannel()];
  const [dgamma, dbeta] = [perChannel(), perChannel()];
  for (let c = 0; c < channels; c++) {
    const at = Array.from({ length: rows }, (_, row) => row * channels + c);
    const sum = (of: (i: number) => number) => at.reduce((total, i) => total + of(i), 0);
    const pick = (values: ArrayLike<number> | undefined, i: number) => values?.[i] ?? NaN;
    const u = (i: number) => pick(x, i) + pick(bias, c);
    const average = sum(u) / rows;
    const squares = sum((i) => (u(i) - average) ** 2);
    const inverse = 1 / Math.sqrt(squares / rows + epsilon);
    const normal = (i: number) => (u(i) - average) * inverse;
    for (const i of at) {
      const z = normal(i) * pick(gamma, c) + pick(beta, c) + Number(inputs.residual.data[i] ?? 0);
      y[i] = relu ? Math.max(0, z) : z;
      masked[i] = relu && z <= 0 ? 0 : pick(dy, i);
    }
    const [g, gn] = [sum((i) => pick(masked, i)), sum((i) => pick(masked, i) * normal(i))];
    for (const i of at) {
      dx[i] = pick(gamma, c) * inverse * (pick(masked, i) - g / rows - (normal(i) * gn) / rows);
    }
    mean[c] = average;
    variance[c] = squares / Math.max(1, rows - 1);
    deviation[c] = inverse;
    dgamma[c] = gn;
    dbeta[c] = g;
  }
  const dresidual = inputs.residual.data.length > 0 ? masked : new Float64Array(0);
  return { y, mean, variance, deviation, dx, dgamma, dbeta, dresidual, dbias: perChannel() };
}

/** The outputs of both, in float64. */
export type Reference = Record<
  'y' | 'mean' | 'variance' | 'deviation' | 'dx' | 'dgamma' | 'dbeta' | 'dresidual' | 'dbias',
  Float64Array
>;

/** Every value within `tolerance`, relative where it is above 1. */
export function expectNear(
  actual: NativeTensor | undefined,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual?.data.length, what).toBe(expected.length);
  const off = Array.from(
    expected,
    (value, i) => Math.abs(Number(actual?.data[i]) - value) / Math.max(1, Math.abs(value)),
  );
  // Not Math.max: it would spread thousands of arguments. NaN fails the comparison.
  for (const distance of off)
    if (!(distance <= tolerance)) expect(distance, what).toBeLessThanOrEqual(tolerance);
}
