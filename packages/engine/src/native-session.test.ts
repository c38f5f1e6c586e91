import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import type {
  NativeGraph,
  NativeSession,
  NativeSessionOptions,
  NativeSessions,
  NativeTensor,
} from './index.ts';
import { nativeSessions } from './index.ts';
import {
  addConstant,
  addInput,
  addSlow,
  addVariable,
  float32,
  int32,
  loadSessions,
  type,
} from './testing/native-values.ts';

let native: NativeSessions;
beforeAll(async () => {
  native = await loadSessions();
}, 600_000);

const anyFeed = { 'slow/value': float32([0], []) };
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('nativeSessions', () => {
  it('is announced to packages that do not import the engine', () => {
    expect(tf.env().get('SUPERCONVERGENCE_KERNELS')).toBe(true);
    expect(nativeSessions()).toBe(native);
  });

  it('refuses a graph of somebody else', () => {
    expect(() => native.createSession({} as NativeGraph)).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d threads', (intraOpThreads) => {
    const graph = native.createGraph();
    expect(() => native.createSession(graph, { intraOpThreads })).toThrow(RangeError);
  });
});

describe('run', () => {
  it.each<[name: string, options: NativeSessionOptions | undefined]>([
    ['TensorFlow’s threads', undefined],
    ['threads of its own', { intraOpThreads: 1, interOpThreads: 2 }],
  ])('computes on %s', async (_name, options) => {
    const { session } = makeSquare(options);
    expect(await session.run({ x: float32([2, -3]) }, ['square', 'square:0'])).toEqual([
      float32([4, 9]),
      float32([4, 9]),
    ]);
    expect(session.runSync({ 'x:0': float32([5], [1, 1]) }, ['square:0'])).toEqual([float32([25], [1, 1])]);
    expect(await session.run({}, [], ['nothing'])).toEqual([]);
    session.close();
  });

  it.each<NativeTensor>([
    { dtype: 1, shape: [2], data: Float32Array.of(1.5, -2) },
    { dtype: 2, shape: [1, 2], data: Float64Array.of(Math.PI, -0) },
    { dtype: 3, shape: [2], data: Int32Array.of(-(2 ** 31), 7) },
    { dtype: 4, shape: [2], data: Uint8Array.of(0, 255) },
    { dtype: 8, shape: [1], data: Float32Array.of(1, -1) },
    { dtype: 9, shape: [], data: BigInt64Array.of(-(2n ** 63n)) },
    { dtype: 10, shape: [2], data: Uint8Array.of(0, 1) },
    { dtype: 14, shape: [2], data: Uint16Array.of(0x3f80, 0xc000) },
    { dtype: 17, shape: [1], data: Uint16Array.of(65535) },
    { dtype: 19, shape: [2, 1], data: Uint16Array.of(0x3c00, 0x7bff) },
    { dtype: 1, shape: [0, 3], data: new Float32Array(0) },
  ])('passes data type $dtype of shape $shape through, bit for bit', async (value) => {
    const graph = native.createGraph();
    graph.addOperation({ type: 'Placeholder', name: 'x', attributes: { dtype: type(value.dtype) } });
    graph.addOperation({ type: 'Identity', name: 'y', inputs: ['x'] });
    addConstant(graph, 'c', value);
    const session = native.createSession(graph);
    expect(await session.run({ x: value }, ['y', 'c'])).toEqual([value, value]);
    session.close();
  });

  it('copies its data at the call, also out of the middle of a buffer', async () => {
    const { session } = makeSquare();
    const data = Float32Array.of(9, 2, 3, 9).subarray(1, 3);
    const pending = session.run({ x: { dtype: 1, shape: [2], data } }, ['square']);
    data.fill(0);
    expect(await pending).toEqual([float32([4, 9])]);
    session.close();
  });

  it('keeps variables, each session its own', async () => {
    const graph = native.createGraph();
    addVariable(graph, 'v');
    const [one, other] = [native.createSession(graph), native.createSession(graph)];
    await one.run({ 'v/value': float32([3], []) }, [], ['v/assign']);
    await other.run({ 'v/value': float32([5], []) }, [], ['v/assign']);
    await one.run({ 'v/value': float32([0.5], []) }, [], ['v/add']);
    expect(await one.run({}, ['v/read'])).toEqual([float32([3.5], [])]);
    expect(await other.run({}, ['v/read'])).toEqual([float32([5], [])]);
    one.close();
    expect(await other.run({}, ['v/read'])).toEqual([float32([5], [])]);
    other.close();
  });

  it('sees what was added to its graph since, and keeps its variables', async () => {
    const graph = native.createGraph();
    addVariable(graph, 'v');
    const session = native.createSession(graph);
    session.runSync({ 'v/value': float32([3], []) }, [], ['v/assign']);
    for (let step = 0; step < 5; step++) {
      const inputs = [step === 0 ? 'v/read' : `sum/${step - 1}`, 'v/read'];
      graph.addOperation({ type: 'AddV2', name: `sum/${step}`, inputs });
      expect(await session.run({}, [`sum/${step}`])).toEqual([float32([3 * (step + 2)], [])]);
    }
    session.close();
  });

  it('takes one thing after the other', async () => {
    const graph = native.createGraph();
    addVariable(graph, 'v');
    addSlow(graph);
    const session = native.createSession(graph, { intraOpThreads: 1 });
    const add = { 'v/value': float32([1], []) };
    const order: number[] = [];
    const first = session.run({ 'v/value': float32([0], []), ...anyFeed }, ['slow'], ['v/assign']);
    const runs = Array.from({ length: 20 }, async (_, index) => {
      await session.run(add, [], ['v/add']);
      order.push(index);
      return index;
    });
    const read = session.run({}, ['v/read']);
    // Behind everything above, though none of it was awaited.
    expect(session.runSync(add, ['v/read'], [])).toEqual([float32([20], [])]);
    expect(await read).toEqual([float32([20], [])]);
    expect(await first).toEqual([float32([0], [])]);
    await Promise.all(runs);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    session.close();
  });

  it('leaves Node free', async () => {
    const graph = native.createGraph();
    addSlow(graph);
    const session = native.createSession(graph, { intraOpThreads: 1 });
    const order: string[] = [];
    setTimeout(() => order.push('timer'), 1);
    await session.run(anyFeed, ['slow']);
    order.push('run');
    expect(order).toEqual(['timer', 'run']);
    session.close();
  });

  it.each<[what: string, feeds: Record<string, NativeTensor>, fetches: string[], message: RegExp]>([
    ['an unknown fetch', {}, ['nowhere'], /no operation 'nowhere'/],
    ['an unknown output', {}, ['c:1'], /no output 'c:1'; the operation has 1/],
    ['an output that is no number', {}, ['c:one'], /no output 'c:one'/],
    ['an unknown feed', { nowhere: float32([1]) }, ['c'], /no operation 'nowhere'/],
    ['a feed of the wrong data type', { x: int32([1, 2]) }, ['square'], /feed 'x' has data type 3.*has 1/],
    ['a feed of the wrong shape', { x: float32([1, 2, 3]) }, ['square'], /'x' has shape \[3\].*has \[2\]/],
    ['a feed of the wrong rank', { x: float32([1, 2], [1, 2]) }, ['square'], /\[1, 2\].*\[2\]/],
    ['a missing feed', {}, ['square'], /must feed a value for placeholder tensor 'x'/],
    ['a fetch without typed array', {}, ['v'], /'v' can't be fetched: its data type 20/],
    ['an index out of range', { x: float32([1, 2]), i: int32([7]) }, ['taken'], /indices\[0\] = 7 is not in/],
    ['an unset variable', {}, ['v/read'], /v/],
    ['nothing to do', {}, [], /at least one/],
  ])('explains %s, and goes on', async (_what, feeds, fetches, message) => {
    const graph = native.createGraph();
    addInput(graph, 'x', [2]);
    graph.addOperation({ type: 'Square', name: 'square', inputs: ['x'] });
    graph.addOperation({ type: 'Placeholder', name: 'i', attributes: { dtype: type(3) } });
    addConstant(graph, 'c', int32([0], []));
    graph.addOperation({ type: 'GatherV2', name: 'taken', inputs: ['x', 'i', 'c'] });
    addVariable(graph, 'v');
    const session = native.createSession(graph);
    await expect(session.run(feeds, fetches)).rejects.toThrow(failure('run-error', message));
    expect(() => session.runSync(feeds, fetches)).toThrow(failure('run-error', message));
    expect(await session.run({ x: float32([1, 2]) }, ['square'])).toEqual([float32([1, 4])]);
    session.close();
  });

  it.each<[what: string, feeds: unknown, fetches: unknown, targets: unknown, message: RegExp]>([
    ['data that does not fill its shape', { x: float32([1], [2]) }, ['x'], undefined, /feed 'x'.*takes 2/],
    ['feeds that are none', 7, ['x'], undefined, /feeds must be an object/],
    ['a feed that is none', { x: 7 }, ['x'], undefined, /feed 'x': dtype must be a number/],
    ['no fetches', {}, undefined, undefined, /fetches must be an array/],
    ['a fetch that is no name', {}, [7], undefined, /fetches must be a string/],
    ['targets that are none', {}, [], 'nothing', /targets must be an array/],
  ])('refuses %s', async (_what, feeds, fetches, targets, message) => {
    const { session } = makeSquare();
    const run = (...what: unknown[]) => session.run(...(what as Parameters<NativeSession['run']>));
    await expect(run(feeds, fetches, targets)).rejects.toThrow(message);
    await expect(run(feeds, fetches, targets)).rejects.toMatchObject({
      name: expect.stringMatching(/^(Range|Type)Error$/) as string,
    });
    session.close();
  });
});

describe('close', () => {
  it('finishes what was asked for, and nothing after', async () => {
    const graph = native.createGraph();
    addSlow(graph);
    const session = native.createSession(graph);
    const pending = [session.run(anyFeed, ['slow']), session.run(anyFeed, ['slow'])];
    session.close();
    session.close();
    await expect(session.run(anyFeed, ['slow'])).rejects.toThrow(failure('run-error', /session is closed/));
    expect(() => session.runSync(anyFeed, ['slow'])).toThrow(failure('run-error', /session is closed/));
    expect(await Promise.all(pending)).toEqual([[float32([0], [])], [float32([0], [])]]);
  });
});

describe('several sessions', () => {
  it('run side by side on graphs of their own', async () => {
    const squares = Array.from({ length: 6 }, (_, index) => {
      const { session } = makeSquare(index % 2 === 0 ? {} : { intraOpThreads: 1, interOpThreads: 1 });
      return session;
    });
    const values = await Promise.all(
      squares.flatMap((session, index) =>
        [0, 1, 2].map((step) => session.run({ x: float32([10 * index + step]) }, ['square'])),
      ),
    );
    expect(values.map(([value]) => value?.data[0])).toEqual(
      squares.flatMap((_, index) => [0, 1, 2].map((step) => (10 * index + step) ** 2)),
    );
    for (const session of squares) session.close();
  });
});

function makeSquare(options?: NativeSessionOptions): { graph: NativeGraph; session: NativeSession } {
  const graph = native.createGraph();
  addInput(graph, 'x');
  graph.addOperation({ type: 'Square', name: 'square', inputs: ['x'] });
  graph.addOperation({ type: 'NoOp', name: 'nothing' });
  return { graph, session: native.createSession(graph, options) };
}
