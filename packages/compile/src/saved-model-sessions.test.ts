import * as tf from '@tensorflow/tfjs';
import {
  EngineError,
  type NativeGraph,
  type NativeSessions,
  type NativeTensor,
} from '@superconvergence/engine';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataTypes, nativeBackend, type NativeBackend } from './native-backend.ts';
import { savedModelSessions } from './saved-model-sessions.ts';
import { loadNative } from './testing/native.ts';

let backend: NativeBackend;
let sessions: NativeSessions;
beforeAll(async () => {
  await loadNative();
  backend = nativeBackend() as NativeBackend;
  sessions = savedModelSessions(backend, EngineError);
});

/** Tensors and models that the binding holds. */
function held(): number[] {
  const binding = backend.binding as unknown as { getNumOfTensors(): number; getNumOfSavedModels(): number };
  return [binding.getNumOfTensors(), binding.getNumOfSavedModels()];
}
let before: number[];
beforeEach(() => {
  before = held();
});
afterEach(() => {
  expect(held()).toEqual(before);
});

const float = (data: number[], shape = [data.length]): NativeTensor => ({
  dtype: 1,
  shape,
  data: Float32Array.from(data),
});
const ints = (data: number[], shape = [data.length]): NativeTensor => ({
  dtype: 3,
  shape,
  data: Int32Array.from(data),
});
const type = (value: number) => ({ type: 'type', value }) as const;

function addInput(graph: NativeGraph, name: string, dtype: number, shape: number[]): void {
  const attributes = { dtype: type(dtype), shape: { type: 'shape', value: shape } } as const;
  graph.addOperation({ type: 'Placeholder', name, attributes });
}
function addConstant(graph: NativeGraph, name: string, value: NativeTensor): void {
  const attributes = { dtype: type(value.dtype), value: { type: 'tensor', value } } as const;
  graph.addOperation({ type: 'Const', name, attributes });
}
function addVariable(graph: NativeGraph, name: string): void {
  const typed = { dtype: type(1) };
  const shared = {
    shape: { type: 'shape', value: [2] },
    shared_name: { type: 'string', value: name },
  } as const;
  graph.addOperation({ type: 'VarHandleOp', name, attributes: { ...typed, ...shared } });
  addInput(graph, `${name}/value`, 1, [2]);
  const inputs = [name, `${name}/value`];
  graph.addOperation({ type: 'AssignVariableOp', name: `${name}/assign`, inputs, attributes: typed });
  graph.addOperation({ type: 'ReadVariableOp', name: `${name}/read`, inputs: [name], attributes: typed });
}

describe('a graph without a session', () => {
  it('finds types and shapes', () => {
    const graph = sessions.createGraph();
    addInput(graph, 'x', 1, [5, 3]);
    addInput(graph, 'n', 3, [5]);
    addConstant(graph, 'one', ints([1], []));
    addConstant(graph, 'two', ints([2], []));
    addConstant(graph, 'wide', float(new Array<number>(90).fill(1), [3, 30]));
    const add = (op: string, inputs: string[], attributes = {}) =>
      graph.addOperation({ type: op, name: `${op}_of_${inputs.join('_')}`, inputs, attributes });
    expect(add('MatMul', ['x', 'wide'])).toEqual([{ dtype: 1, shape: [5, 30] }]);
    expect(add('ConcatV2', ['x', 'x', 'one'])).toEqual([{ dtype: 1, shape: [5, 6] }]);
    // 1 + 2 is a constant too: an axis computed from constants counts with its value.
    expect(add('Sub', ['two', 'one'])).toEqual([{ dtype: 3, shape: [] }]);
    expect(add('ExpandDims', ['x', 'Sub_of_two_one'])).toEqual([{ dtype: 1, shape: [5, 1, 3] }]);
    // Fails on zeros.
    expect(add('FloorMod', ['n', 'n'])).toEqual([{ dtype: 3, shape: [5] }]);
    expect(add('Unpack', ['x'], { num: { type: 'int', value: 5 } })).toHaveLength(5);
    expect(add('Where', ['x'])).toEqual([{ dtype: 9, shape: [-1, -1] }]);
    graph.dispose();
  });

  it.each<[what: string, operation: Parameters<NativeGraph['addOperation']>[0], message: RegExp]>([
    [
      'shapes that do not fit',
      { type: 'MatMul', name: 'y', inputs: ['v', 'v'] },
      /'y' \(MatMul\).*ndims|rank/,
    ],
    ['an unknown operation', { type: 'Frobnicate', name: 'y' }, /Frobnicate is not among/],
    ['an unknown input', { type: 'Neg', name: 'y', inputs: ['w'] }, /no operation 'w'/],
    ['an unknown output', { type: 'Neg', name: 'y', inputs: ['v:1'] }, /no output 'v:1'/],
    ['too many inputs', { type: 'Neg', name: 'y', inputs: ['v', 'v'] }, /given 2 inputs, but takes 1/],
    ['a name taken', { type: 'Neg', name: 'v', inputs: ['v'] }, /Duplicate/],
  ])('refuses %s', (_what, operation, message) => {
    const graph = sessions.createGraph();
    addConstant(graph, 'v', float([1, 2]));
    expect(() => graph.addOperation(operation)).toThrow(
      expect.objectContaining({
        code: 'graph-error',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
    graph.dispose();
    expect(() => graph.toGraphDef()).toThrow(/disposed of/);
  });
});

describe('a session', () => {
  it('keeps variables while its graph grows', async () => {
    const graph = sessions.createGraph();
    const session = sessions.createSession(graph);
    addVariable(graph, 'v');
    const data = Float32Array.of(3, 4);
    await session.run({ 'v/value': { dtype: 1, shape: [2], data } }, [], ['v/assign']);
    data.fill(0);
    for (let step = 1; step <= 3; step++) {
      addVariable(graph, `never_set_${step}`);
      graph.addOperation({ type: 'Add', name: `sum_${step}`, inputs: ['v/read', 'v/read'] });
      graph.addOperation({
        type: 'AssignVariableOp',
        name: `double_${step}`,
        inputs: ['v', `sum_${step}`],
        attributes: { dtype: type(1) },
      });
      graph.addOperation({ type: 'NoOp', name: `all_${step}`, controlInputs: [`double_${step}`] });
      const sum = float([3 * 2 ** step, 4 * 2 ** step]);
      expect(await session.run({}, [`sum_${step}`, `sum_${step}:0`], [`all_${step}`])).toEqual([sum, sum]);
      expect(session.runSync({}, ['v/read'])).toEqual([sum]);
    }
    await expect(session.run({}, ['never_set_1/read'])).rejects.toMatchObject({ code: 'run-error' });
    session.close();
    await expect(session.run({}, ['v/read'])).rejects.toThrow(/session is closed/);
  });

  it('passes every data type of tfjs through', async () => {
    const graph = sessions.createGraph();
    const session = sessions.createSession(graph);
    const feeds: Record<string, NativeTensor> = {
      float32: float([1.5, -0]),
      int32: ints([7, -(2 ** 31)]),
      bool: { dtype: dataTypes.bool, shape: [2, 1], data: Uint8Array.of(0, 1) },
      complex64: { dtype: dataTypes.complex64, shape: [1], data: Float32Array.of(1, -2) },
      int64: { dtype: 9, shape: [], data: BigInt64Array.of(-(2n ** 40n)) },
      empty: float([], [0, 3]),
    };
    for (const [name, { dtype, shape }] of Object.entries(feeds)) addInput(graph, name, dtype, [...shape]);
    const names = Object.keys(feeds);
    for (const name of names) graph.addOperation({ type: 'Identity', name: `${name}_`, inputs: [name] });
    expect(
      await session.run(
        feeds,
        names.map((name) => `${name}_`),
      ),
    ).toEqual(Object.values(feeds));
    session.close();
  });

  it('runs what it was not given by itself', () => {
    const graph = sessions.createGraph();
    addConstant(graph, 'a', float([1, 2]));
    graph.addOperation({ type: 'Neg', name: 'b', inputs: ['a'] });
    const copy = sessions.createGraph();
    const session = sessions.createSession(copy);
    copy.importGraphDef(graph.toGraphDef());
    copy.addOperation({ type: 'AddV2', name: 'c', inputs: ['b', 'b'] });
    expect(session.runSync({}, ['c'])).toEqual([float([-2, -4])]);
    expect(() => {
      copy.importGraphDef(graph.toGraphDef());
    }).toThrow(/Duplicate/);
    session.close();
    for (const each of [graph, copy]) each.dispose();
  });
});

it('tfjs goes on as before', () => {
  const sum = tf.tidy(() => tf.tensor1d([1, 2]).sum().dataSync()[0]);
  expect(sum).toBe(3);
});
