import type { NativeAttribute, NativeGraph, NativeOutput, NativeTensor } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { CompileError, traceError } from './errors.ts';
import type { GraphNode, GraphValue } from './graph.ts';
import { toHost } from './host-tensors.ts';
import { dataTypes, tfjsDataType, type BackendAttribute, type NativeBackend } from './native-backend.ts';
import { currentDevice } from './on-device.ts';
import { patch } from './patch.ts';

/**
 * Records what a function asks of tfjs-node's backend instead of doing it: every operation becomes a node whose result
 * has a shape but no value. TensorFlow itself infers the shapes, on a scratch graph that is never run.
 */
export class Recorder {
  /** Path of the layer or function that is being recorded. */
  scope = '';
  private readonly backend: NativeBackend;
  private readonly scratch: NativeGraph;
  private readonly scratchNames = new Map<GraphNode, string>();
  private numScratchNames = 0;
  private gatheredIndices: object | undefined;
  private readonly values = new Map<object, GraphValue>();
  private readonly variables = new Map<object, tf.Variable>();
  private readonly reads = new Map<tf.Variable, GraphValue>();
  private readonly constants = new Map<string, GraphValue>();
  private readonly arguments = new Map<string, GraphValue>();
  /** Gives the name of an argument for a constant that is none: a number that may change from run to run. */
  nameOfArgument: (constant: NativeTensor) => string | undefined = () => undefined;
  private readonly attributeKinds: ReadonlyMap<number, NativeAttribute['type']>;

  constructor(backend: NativeBackend, scratch: NativeGraph, variables: readonly tf.Variable[]) {
    this.backend = backend;
    this.scratch = scratch;
    for (const variable of variables) this.variables.set(variable.dataId, variable);
    const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_INT, TF_ATTR_SHAPE, TF_ATTR_STRING, TF_ATTR_TYPE } =
      backend.binding;
    this.attributeKinds = new Map<number, NativeAttribute['type']>([
      [TF_ATTR_BOOL as number, 'bool'],
      [TF_ATTR_FLOAT as number, 'float'],
      [TF_ATTR_INT as number, 'int'],
      [TF_ATTR_SHAPE as number, 'shape'],
      [TF_ATTR_STRING as number, 'string'],
      [TF_ATTR_TYPE as number, 'type'],
    ]);
  }

  /** Puts the recorder between tfjs and the backend; the result takes it out again. */
  install(): () => void {
    const { backend } = this;
    const restore = [
      patch(backend, 'executeSingleOutput', () => (type, attributes, inputs) => {
        const [output] = this.record(type, attributes, inputs, 1);
        return output as tf.Tensor;
      }),
      patch(
        backend,
        'executeMultipleOutputs',
        () => (type, attributes, inputs, numOutputs) => this.record(type, attributes, inputs, numOutputs),
      ),
      patch(backend, 'getInputTensorIds', (original) => (inputs) => {
        if (inputs.some(({ dataId }) => this.values.has(dataId))) {
          throw traceError(
            'not-recorded',
            "An operation goes past the backend's executeSingleOutput and executeMultipleOutputs, so it can't be " +
              'recorded. Do it outside the compiled function.',
          );
        }
        return original(inputs);
      }),
      patch(backend, 'readSync', (original) => (dataId) => {
        if (dataId === this.gatheredIndices) return new Int32Array(0);
        this.refuseRead(dataId);
        return original(dataId);
      }),
      this.letGatherPass(),
      patch(backend, 'read', (original) => (dataId) => {
        this.refuseRead(dataId);
        return original(dataId);
      }),
    ];
    return () => {
      for (const undo of restore.reverse()) undo();
    };
  }

  /** Names what `run` records after `scope`. */
  inScope<T>(scope: string, run: () => T): T {
    const outer = this.scope;
    this.scope = scope;
    try {
      return run();
    } finally {
      this.scope = outer;
    }
  }

  /** A tensor that stands for an argument of the function. */
  argument(name: string, like: tf.Tensor): tf.Tensor {
    return this.symbolicTensor(this.argumentValue(name, dataTypes[like.dtype], like.shape));
  }

  /** The value in the graph of any tensor: recorded, a variable's, or a constant's. */
  valueOf(tensor: tf.Tensor): GraphValue {
    const recorded = this.values.get(tensor.dataId);
    if (recorded !== undefined) return recorded;
    const variable = this.variables.get(tensor.dataId);
    if (variable !== undefined) return this.read(variable);
    const constant = toHost(this.backend, tensor);
    const argument = this.nameOfArgument(constant);
    return argument === undefined
      ? this.constant(constant)
      : this.argumentValue(argument, constant.dtype, constant.shape);
  }

  /** Lets the recorder know a variable that was made while it records, and gives its first value. */
  initialValue(variable: tf.Variable): GraphValue {
    return this.valueOf(variable);
  }

  constant(tensor: NativeTensor): GraphValue {
    const { dtype, shape, data } = tensor;
    const isSmall = data.length <= 64;
    const key = isSmall
      ? `${dtype}|${shape.join()}|${Array.from(data as Iterable<unknown>).join()}|${negativeZeros(data)}`
      : '';
    const known = isSmall ? this.constants.get(key) : undefined;
    if (known !== undefined) return known;
    const node: GraphNode = {
      source: { kind: 'constant', tensor },
      scope: '',
      inputs: [],
      attributes: {},
      outputs: [{ dtype, shape }],
    };
    const value = { node, index: 0 };
    if (isSmall) this.constants.set(key, value);
    return value;
  }

  private argumentValue(name: string, dtype: number, shape: readonly number[]): GraphValue {
    const known = this.arguments.get(name);
    if (known !== undefined) return known;
    const node: GraphNode = {
      source: { kind: 'argument', name },
      scope: '',
      inputs: [],
      attributes: {},
      outputs: [{ dtype, shape }],
    };
    const value = { node, index: 0 };
    this.arguments.set(name, value);
    return value;
  }

  private read(variable: tf.Variable): GraphValue {
    const known = this.reads.get(variable);
    if (known !== undefined) return known;
    const { dtype, shape } = variable;
    const node: GraphNode = {
      source: { kind: 'variable', variable },
      scope: '',
      inputs: [],
      attributes: {},
      outputs: [{ dtype: dataTypes[dtype], shape }],
    };
    const value = { node, index: 0 };
    this.reads.set(variable, value);
    return value;
  }

  private record(
    type: string,
    backendAttributes: readonly BackendAttribute[],
    tensors: readonly tf.Tensor[],
    numOutputs: number,
  ): tf.Tensor[] {
    const inputs = tensors.map((tensor) =>
      'valueArray' in tensor ? this.constant(int64Scalar(tensor.valueArray)) : this.valueOf(tensor),
    );
    const attributes = this.convertAttributes(backendAttributes);
    const name = this.nextScratchName();
    let outputs: NativeOutput[];
    try {
      outputs = this.scratch.addOperation({
        type,
        name,
        inputs: inputs.map((value) => this.scratchName(value)),
        attributes,
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw traceError('unsupported', `TensorFlow refuses the operation ${type}: ${why}`, cause);
    }
    const node: GraphNode = {
      source: { kind: 'operation', type },
      scope: this.scope,
      device: currentDevice(),
      inputs,
      attributes,
      outputs,
    };
    this.scratchNames.set(node, name);
    return outputs.slice(0, numOutputs).map((_, index) => this.symbolicTensor({ node, index }));
  }

  private scratchName({ node, index }: GraphValue): string {
    let name = this.scratchNames.get(node);
    if (name === undefined) {
      name = this.nextScratchName();
      const { dtype, shape } = node.outputs[0] as NativeOutput;
      this.scratch.addOperation(
        node.source.kind === 'constant'
          ? { type: 'Const', name, attributes: constantAttributes(node.source.tensor) }
          : { type: 'Placeholder', name, attributes: placeholderAttributes(dtype, shape) },
      );
      this.scratchNames.set(node, name);
    }
    return `${name}:${index}`;
  }

  private nextScratchName(): string {
    return `n${this.numScratchNames++}`;
  }

  private symbolicTensor(value: GraphValue): tf.Tensor {
    const { dtype, shape: inferred } = value.node.outputs[value.index] as NativeOutput;
    const { source } = value.node;
    const shape = isOpaque(value) ? [0] : inferred;
    const type = source.kind === 'operation' ? source.type : source.kind;
    if (shape === null || shape.some((size) => size < 0)) {
      throw traceError(
        'unknown-shape',
        `The shape of the result of ${type} depends on data. Do that outside the compiled function, or use a mask.`,
      );
    }
    const tfjsType = tfjsDataType(dtype);
    if (tfjsType === undefined) {
      throw traceError(
        'unsupported',
        `${type} gives a data type that tfjs doesn't know (TensorFlow's number ${dtype}).`,
      );
    }
    const dataId = {};
    this.backend.tensorMap.set(dataId, { shape: [...shape], dtype, values: null, id: -1, refCount: 1 });
    this.values.set(dataId, value);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: tfjsType });
  }

  private convertAttributes(attributes: readonly BackendAttribute[]): Record<string, NativeAttribute> {
    const converted: Record<string, NativeAttribute> = {};
    for (const { name, type, value } of attributes) {
      const kind = this.attributeKinds.get(type);
      if (kind === undefined)
        throw new CompileError('unsupported', `Attribute ${name} has an unknown type, ${type}.`);
      if (value !== undefined && value !== null) converted[name] = { type: kind, value } as NativeAttribute;
    }
    return converted;
  }

  /** tfjs-node's gather reads its indices to check them, the only kernel that reads; TensorFlow checks them as well. */
  private letGatherPass(): () => void {
    const kernel = tf.getKernel(tf.GatherV2, 'tensorflow');
    return patch(kernel, 'kernelFunc', (original) => (call) => {
      this.gatheredIndices = call.inputs.indices?.dataId;
      try {
        return original(call);
      } finally {
        this.gatheredIndices = undefined;
      }
    });
  }

  private refuseRead(dataId: object): void {
    const variable = this.variables.get(dataId);
    if (variable === undefined && !this.values.has(dataId)) return;
    const what = variable === undefined ? 'a tensor' : `the variable ${variable.name}`;
    throw traceError(
      'value-read',
      `A compiled function reads the value of ${what}, but it is only recorded, so there is no value yet. ` +
        'Return the tensor and read it outside; instead of a branch on data use tf.where.',
    );
  }
}

/** A scratch value that its operation hands to its own gradient alone, of a size that TensorFlow leaves open. */
function isOpaque({ node: { source }, index }: GraphValue): boolean {
  return source.kind === 'operation' && source.type === 'FusedBatchNormV3' && index === 5;
}

/** What a `Const` operation is made of. */
export function constantAttributes(tensor: NativeTensor): Record<string, NativeAttribute> {
  return { dtype: { type: 'type', value: tensor.dtype }, value: { type: 'tensor', value: tensor } };
}

/** What a `Placeholder` operation is made of. */
export function placeholderAttributes(
  dtype: number,
  shape: readonly number[] | null,
): Record<string, NativeAttribute> {
  return { dtype: { type: 'type', value: dtype }, shape: { type: 'shape', value: shape } };
}

/** tfjs-node's way to give an operation a 64-bit integer. */
function int64Scalar(valueArray: unknown): NativeTensor {
  const [low = 0, high = 0] = valueArray as Int32Array;
  return { dtype: 9, shape: [], data: BigInt64Array.of((BigInt(high) << 32n) | BigInt(low >>> 0)) };
}

function negativeZeros(data: NativeTensor['data']): string {
  return Array.from(data as Iterable<unknown>, (value) => (Object.is(value, -0) ? '-' : '')).join('.');
}
