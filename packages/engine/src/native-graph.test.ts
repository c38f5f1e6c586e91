import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeAttribute, NativeGraph, NativeSessions, NativeTensor } from './index.ts';
import { addConstant, addInput, float32, int32, loadSessions, type } from './testing/native-values.ts';

let native: NativeSessions;
beforeAll(async () => {
  native = await loadSessions();
}, 600_000);

/** Runs one fetch on a session of its own. */
function compute(graph: NativeGraph, fetch: string): NativeTensor | undefined {
  const session = native.createSession(graph);
  const [value] = session.runSync({}, [fetch]);
  session.close();
  return value;
}

describe('addOperation', () => {
  it('infers types and shapes', () => {
    const graph = native.createGraph();
    addInput(graph, 'x', [-1, 3]);
    addInput(graph, 'anything');
    addConstant(graph, 'weights', float32([1, 2, 3, 4, 5, 6], [3, 2]));
    addConstant(graph, 'axis', int32([0], []));
    expect(graph.addOperation({ type: 'MatMul', name: 'product', inputs: ['x', 'weights'] })).toEqual([
      { dtype: 1, shape: [-1, 2] },
    ]);
    expect(graph.addOperation({ type: 'ExpandDims', name: 'more', inputs: ['product', 'axis'] })).toEqual([
      { dtype: 1, shape: [1, -1, 2] },
    ]);
    expect(graph.addOperation({ type: 'Neg', name: 'negative', inputs: ['anything:0'] })).toEqual([
      { dtype: 1, shape: null },
    ]);
    expect(graph.addOperation({ type: 'NoOp', name: 'nothing', controlInputs: ['more'] })).toEqual([]);
    graph.dispose();
  });

  it('divides flat inputs into arguments that are lists', () => {
    const graph = native.createGraph();
    addConstant(graph, 'a', float32([1, 2]));
    addConstant(graph, 'b', float32([3]));
    addConstant(graph, 'axis', int32([0], []));
    const inputs = ['a', 'b', 'axis'];
    const attributes = { N: { type: 'int', value: 2 } } as const;
    expect(graph.addOperation({ type: 'ConcatV2', name: 'explicit', inputs, attributes })).toEqual([
      { dtype: 1, shape: [3] },
    ]);
    graph.addOperation({ type: 'ConcatV2', name: 'inferred', inputs: ['b', 'a', 'b', 'axis'] });
    expect(compute(graph, 'explicit')).toEqual(float32([1, 2, 3]));
    expect(compute(graph, 'inferred')).toEqual(float32([3, 1, 2, 3]));
    // IdentityN's list has a type for each member: number of inputs and outputs follow from it.
    expect(graph.addOperation({ type: 'IdentityN', name: 'both', inputs: ['axis', 'a'] })).toEqual([
      { dtype: 3, shape: [] },
      { dtype: 1, shape: [2] },
    ]);
    expect(compute(graph, 'both:1')).toEqual(float32([1, 2]));
    graph.dispose();
  });

  it('takes attributes of every type', () => {
    const graph = native.createGraph();
    addConstant(graph, 'image', float32([1, 2, 3, 4], [1, 2, 2, 1]));
    const pool = {
      ksize: { type: 'int', value: [1, 2, 2, 1] },
      strides: { type: 'int', value: [1, 1, 1, 1] },
      padding: { type: 'string', value: 'VALID' },
    } as const;
    graph.addOperation({ type: 'AvgPool', name: 'mean', inputs: ['image'], attributes: pool });
    expect(compute(graph, 'mean')).toEqual(float32([2.5], [1, 1, 1, 1])); // (1 + 2 + 3 + 4) / 4
    graph.addOperation({
      type: 'LeakyRelu',
      name: 'leaky',
      inputs: ['image'],
      attributes: { alpha: { type: 'float', value: 0.5 } },
    });
    expect(compute(graph, 'leaky')?.data).toEqual(Float32Array.of(1, 2, 3, 4));
    const transpose = { transpose_a: { type: 'bool', value: true } } as const;
    addConstant(graph, 'rows', float32([1, 2], [1, 2]));
    graph.addOperation({ type: 'MatMul', name: 'outer', inputs: ['rows', 'rows'], attributes: transpose });
    expect(compute(graph, 'outer')).toEqual(float32([1, 2, 2, 4], [2, 2]));
    const cast = { DstT: type(3), Truncate: { type: 'bool', value: false } } as const;
    expect(
      graph.addOperation({ type: 'Cast', name: 'cast', inputs: ['image'], attributes: cast }),
    ).toMatchObject([{ dtype: 3 }]);
    const lists: Record<string, NativeAttribute> = {
      component_types: { type: 'type', value: [1, 3] },
      container: { type: 'string', value: 'kept apart' },
      capacity: { type: 'int', value: 7 },
    };
    expect(
      graph.addOperation({ type: 'FIFOQueueV2', name: 'queue', attributes: lists, device: '/device:CPU:0' }),
    ).toEqual([{ dtype: 20, shape: [] }]);
    graph.dispose();
  });

  it.each<[what: string, operation: Parameters<NativeGraph['addOperation']>[0], message: RegExp]>([
    ['an unknown op', { type: 'Frobnicate', name: 'y' }, /'y' \(Frobnicate\).*Op type not registered/],
    [
      'shapes that do not fit',
      { type: 'MatMul', name: 'y', inputs: ['v', 'v'] },
      /'y' \(MatMul\).*rank 2 but is rank 1/,
    ],
    [
      'types that do not fit',
      { type: 'AddV2', name: 'y', inputs: ['v', 'i'] },
      /Inconsistent values.*DT_INT32/,
    ],
    ['too few inputs', { type: 'AddV2', name: 'y', inputs: ['v'] }, /given 1 inputs.*\(x, y\)/],
    ['too many inputs', { type: 'Neg', name: 'y', inputs: ['v', 'v'] }, /given 2 inputs.*\(x\)/],
    [
      'another number of inputs than N',
      {
        type: 'ConcatV2',
        name: 'y',
        inputs: ['v', 'v', 'i'],
        attributes: { N: { type: 'int', value: 3 } },
      },
      /given 3 inputs/,
    ],
    ['an unknown input', { type: 'Neg', name: 'y', inputs: ['w'] }, /no operation 'w'/],
    [
      'an unknown output',
      { type: 'Neg', name: 'y', inputs: ['v:1'] },
      /no output 'v:1'; the operation has 1/,
    ],
    ['an unknown control input', { type: 'NoOp', name: 'y', controlInputs: ['w'] }, /no operation 'w'/],
    ['a name taken', { type: 'Neg', name: 'v', inputs: ['v'] }, /Duplicate node name/],
    ['a missing attribute', { type: 'Placeholder', name: 'y' }, /attr 'dtype'/],
    [
      'an attribute of the wrong type',
      {
        type: 'MatMul',
        name: 'y',
        inputs: ['m', 'm'],
        attributes: { transpose_a: { type: 'int', value: 1 } },
      },
      /'int' when 'bool' expected/,
    ],
  ])('refuses %s', (_what, operation, message) => {
    const graph = native.createGraph();
    addConstant(graph, 'v', float32([1, 2]));
    addConstant(graph, 'm', float32([1], [1, 1]));
    addConstant(graph, 'i', int32([0], []));
    const { length } = graph.toGraphDef();
    const refused = expect.objectContaining({
      code: 'graph-error',
      message: expect.stringMatching(message) as string,
    }) as Error;
    expect(() => graph.addOperation(operation)).toThrow(refused);
    expect(graph.toGraphDef()).toHaveLength(length);
    graph.dispose();
  });

  it.each<[what: string, attribute: unknown, error: RegExp]>([
    ['data too short', { type: 'tensor', value: float32([1], [2]) }, /RangeError.*1 elements.*\[2\] takes 2/],
    ['data too long', { type: 'tensor', value: float32([1, 2], []) }, /RangeError.*2 elements.*\[\] takes 1/],
    [
      'another array than the data type has',
      { type: 'tensor', value: { ...float32([1]), dtype: 3 } },
      /TypeError.*must be a Int32Array/,
    ],
    ['no array', { type: 'tensor', value: { ...float32([1]), data: [1] } }, /TypeError.*Float32Array/],
    ['a negative size', { type: 'tensor', value: float32([1], [-1]) }, /RangeError.*negative/],
    [
      'a shape beyond memory',
      { type: 'tensor', value: float32([1], [2 ** 40, 2 ** 40]) },
      /RangeError.*too large/,
    ],
    [
      'a data type without array',
      { type: 'tensor', value: { ...float32([1]), dtype: 20 } },
      /RangeError.*20/,
    ],
    ['an unknown data type', { type: 'type', value: 99 }, /RangeError.*99/],
    ['a fraction for a whole number', { type: 'int', value: 0.5 }, /RangeError.*whole number/],
    ['a word for a number', { type: 'int', value: 'one' }, /TypeError.*number/],
    ['an unknown type of attribute', { type: 'func', value: 'f' }, /RangeError.*'func'/],
    ['no attribute', 7, /TypeError/],
  ])('refuses %s before TensorFlow sees it', (_what, attribute, error) => {
    const graph = native.createGraph();
    const attributes = { value: attribute as NativeAttribute, dtype: type(1) };
    let thrown: unknown;
    try {
      graph.addOperation({ type: 'Const', name: 'c', attributes });
    } catch (caught) {
      thrown = caught;
    }
    expect(String(thrown)).toMatch(error);
    graph.dispose();
  });
});

describe('a graph', () => {
  it('survives being written and read', () => {
    const graph = native.createGraph();
    addConstant(graph, 'a', float32([1, 2]));
    graph.addOperation({ type: 'Neg', name: 'b', inputs: ['a'], controlInputs: ['a'] });
    const copy = native.createGraph();
    copy.importGraphDef(graph.toGraphDef());
    copy.addOperation({ type: 'AddV2', name: 'c', inputs: ['b', '^a', 'b'] });
    expect(compute(copy, 'c')).toEqual(float32([-2, -4]));
    expect(() => {
      copy.importGraphDef(graph.toGraphDef());
    }).toThrow(expect.objectContaining({ code: 'graph-error' }) as Error);
    expect(() => {
      copy.importGraphDef(Uint8Array.of(255, 1, 2));
    }).toThrow(/The GraphDef can't be imported/);
    graph.dispose();
    copy.dispose();
  });

  it('takes nothing more once it was disposed of, but its sessions go on', () => {
    const graph = native.createGraph();
    addConstant(graph, 'a', float32([1, 2]));
    const session = native.createSession(graph);
    graph.dispose();
    graph.dispose();
    expect(session.runSync({}, ['a'])).toEqual([float32([1, 2])]);
    expect(() => graph.toGraphDef()).toThrow(/disposed of/);
    expect(() => graph.addOperation({ type: 'NoOp', name: 'n' })).toThrow(/disposed of/);
    expect(() => native.createSession(graph)).toThrow(/disposed of/);
    session.close();
  });
});
