import type { NativeAttribute, NativeGraph, NativeSessions, NativeTensor } from '../index.ts';
import { loadEngine, nativeSessions } from '../index.ts';

/** The sessions of the loaded engine. */
export async function loadSessions(): Promise<NativeSessions> {
  await loadEngine({ device: 'cpu', fallback: 'error' });
  const sessions = nativeSessions();
  if (sessions === undefined) throw new Error('The engine has no session.');
  return sessions;
}

/** A tensor of float32; a vector where no shape is given. */
export function float32(values: readonly number[], shape: readonly number[] = [values.length]): NativeTensor {
  return { dtype: 1, shape, data: Float32Array.from(values) };
}

/** The same of int32. */
export function int32(values: readonly number[], shape: readonly number[] = [values.length]): NativeTensor {
  return { dtype: 3, shape, data: Int32Array.from(values) };
}

/** An attribute that names a data type. */
export function type(value: number): NativeAttribute {
  return { type: 'type', value };
}

/** Adds a constant. */
export function addConstant(graph: NativeGraph, name: string, value: NativeTensor): void {
  const attributes = { value: { type: 'tensor', value }, dtype: type(value.dtype) } as const;
  graph.addOperation({ type: 'Const', name, attributes });
}

/** Adds an input of float32. */
export function addInput(graph: NativeGraph, name: string, shape: readonly number[] | null = null): void {
  graph.addOperation({
    type: 'Placeholder',
    name,
    attributes: { dtype: type(1), shape: { type: 'shape', value: shape } },
  });
}

/** Adds a variable of one float32 with the operations `NAME/read`, `NAME/assign` (from `NAME/value`) and `NAME/add`. */
export function addVariable(graph: NativeGraph, name: string): void {
  const attributes = {
    dtype: type(1),
    shape: { type: 'shape', value: [] },
    shared_name: { type: 'string', value: name },
  } as const;
  graph.addOperation({ type: 'VarHandleOp', name, attributes });
  addInput(graph, `${name}/value`, []);
  for (const [op, operation] of [
    ['AssignVariableOp', 'assign'],
    ['AssignAddVariableOp', 'add'],
  ] as const) {
    graph.addOperation({ type: op, name: `${name}/${operation}`, inputs: [name, `${name}/value`] });
  }
  graph.addOperation({
    type: 'ReadVariableOp',
    name: `${name}/read`,
    inputs: [name],
    attributes: { dtype: type(1) },
  });
}

/** Adds `slow`: 100 products of 512×512 matrices one after the other, about 0.3 s on one core. Feed `slow/value`. */
export function addSlow(graph: NativeGraph): void {
  addConstant(graph, 'slow/size', int32([512, 512]));
  addInput(graph, 'slow/value', []); // A constant instead would be computed once.
  graph.addOperation({ type: 'Fill', name: 'slow/0', inputs: ['slow/size', 'slow/value'] });
  for (let step = 0; step < 100; step++) {
    const inputs = [`slow/${step}`, `slow/${step}`];
    graph.addOperation({ type: 'MatMul', name: `slow/${step + 1}`, inputs });
  }
  graph.addOperation({ type: 'Max', name: 'slow', inputs: ['slow/100', addAxes(graph)] });
}

function addAxes(graph: NativeGraph): string {
  addConstant(graph, 'slow/axes', int32([0, 1]));
  return 'slow/axes';
}
