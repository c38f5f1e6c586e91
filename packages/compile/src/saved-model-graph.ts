import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { EngineError, NativeGraph, NativeOperation, NativeOutput } from '@superconvergence/engine';
import { attributeMessage } from './protobuf-attributes.ts';
import { GraphDefSchema, NodeDefSchema, type GraphDef, type NodeDef } from './protobuf-tensorflow.ts';
import { reasonOf } from './saved-model-binding.ts';
import type { KnownOutput, ShapeTrials } from './saved-model-shapes.ts';
import { completeTypes, type CompletedTypes } from './saved-model-types.ts';

/** The version of graphs about TensorFlow 2.9, which is in tfjs-node's own library; later ones read it too. */
const graphDefProducer = 1087;

interface GraphNode {
  readonly def: NodeDef;
  readonly outputs: readonly KnownOutput[];
}

/** A graph in JavaScript, for runs through SavedModels. */
export class SavedModelGraph implements NativeGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly trials: ShapeTrials;
  private readonly EngineErrorClass: typeof EngineError;
  private hasSession = false;
  private isDisposed = false;

  constructor(trials: ShapeTrials, EngineErrorClass: typeof EngineError) {
    this.trials = trials;
    this.EngineErrorClass = EngineErrorClass;
  }

  /** From now on the shapes of what is added are unknown: nobody asks for them, and to find them takes time. */
  attachSession(): void {
    this.refuseDisposed();
    this.hasSession = true;
  }

  get size(): number {
    return this.nodes.size;
  }

  get definitions(): NodeDef[] {
    return Array.from(this.nodes.values(), ({ def }) => def);
  }

  definitionOf(name: string): NodeDef {
    return this.nodeOf(name).def;
  }

  numOutputsOf(name: string): number {
    return this.nodeOf(name).outputs.length;
  }

  addOperation(operation: NativeOperation): NativeOutput[] {
    this.refuseDisposed();
    const { type, name, device = '', inputs = [], controlInputs = [], attributes = {} } = operation;
    try {
      if (this.nodes.has(name)) throw new RangeError('Duplicate node name');
      const data = inputs.filter((input) => !input.startsWith('^'));
      const values = data.map((input) => this.valueOf(input));
      const completed = completeTypes(
        type,
        values.map(({ dtype }) => dtype),
        attributes,
      );
      const outputs = this.outputsOf(type, values, completed);
      const attr = Object.fromEntries(
        Object.entries(completed.attributes).map(([key, value]) => [key, attributeMessage(value)]),
      );
      const control = [
        ...inputs.filter((input) => input.startsWith('^')),
        ...controlInputs.map((input) => `^${this.nodeOf(input).def.name}`),
      ];
      const def = create(NodeDefSchema, { name, op: type, input: [...data, ...control], device, attr });
      this.nodes.set(name, { def, outputs });
      return outputs.map(({ dtype, shape }) => ({ dtype, shape }));
    } catch (error) {
      throw this.graphError(`The operation '${name}' (${type}) can't be added`, error);
    }
  }

  toGraphDef(): Uint8Array {
    this.refuseDisposed();
    return toBinary(GraphDefSchema, this.toMessage());
  }

  /** The graph as a message, and more nodes behind it. */
  toMessage(more: readonly NodeDef[] = []): GraphDef {
    const versions = { producer: graphDefProducer };
    return create(GraphDefSchema, { node: [...this.definitions, ...more], versions });
  }

  importGraphDef(bytes: Uint8Array): void {
    this.refuseDisposed();
    try {
      for (const def of fromBinary(GraphDefSchema, bytes).node) {
        if (this.nodes.has(def.name)) throw new RangeError(`'${def.name}': Duplicate node name`);
        const outputs = importedTypes(def).map((dtype) => ({ dtype, shape: null }));
        this.nodes.set(def.name, { def, outputs });
      }
    } catch (error) {
      throw this.graphError("The GraphDef can't be imported", error);
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.trials.dispose();
  }

  private outputsOf(
    type: string,
    inputs: readonly KnownOutput[],
    { attributes, outputTypes }: CompletedTypes,
  ): KnownOutput[] {
    if (this.hasSession) return outputTypes.map((dtype) => ({ dtype, shape: null }));
    const { value, shape } = attributes;
    if (type === 'Const' && value?.type === 'tensor') return [this.trials.constant(value.value)];
    if (type === 'Placeholder' && shape?.type === 'shape')
      return outputTypes.map((dtype) => ({ dtype, shape: shape.value }));
    if (outputTypes.length === 0 || outputTypes.includes(20) || type === 'ReadVariableOp')
      return outputTypes.map((dtype) => ({ dtype, shape: null }));
    return this.trials.tryOut({ type, inputs, attributes, numOutputs: outputTypes.length });
  }

  private valueOf(input: string): KnownOutput {
    const [name = '', index = '0'] = input.split(':');
    const { outputs } = this.nodeOf(name);
    const value = outputs[Number(index)];
    if (value === undefined)
      throw new RangeError(`there is no output '${input}'; the operation has ${outputs.length}`);
    return value;
  }

  private nodeOf(name: string): GraphNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new RangeError(`there is no operation '${name}'`);
    return node;
  }

  private refuseDisposed(): void {
    if (this.isDisposed) throw this.graphError("The graph can't be used", 'it has been disposed of');
  }

  private graphError(what: string, cause: unknown): EngineError {
    return new this.EngineErrorClass('graph-error', `${what}: ${reasonOf(cause)}`, { cause });
  }
}

/** The data types of the outputs of a node that has all its attributes. */
function importedTypes({ op, input, attr }: NodeDef): readonly number[] {
  const numInputs = input.filter((name) => !name.startsWith('^')).length;
  const types: Record<string, { type: 'type'; value: number } | { type: 'int'; value: number }> = {};
  for (const [name, { value }] of Object.entries(attr)) {
    if (value.case === 'type') types[name] = { type: 'type', value: value.value };
    else if (value.case === 'i') types[name] = { type: 'int', value: Number(value.value) };
  }
  return completeTypes(op, new Array<number>(numInputs).fill(0), types).outputTypes;
}
