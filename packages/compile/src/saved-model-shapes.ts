import type { NativeAttribute, NativeOutput, NativeTensor } from '@superconvergence/engine';
import type { BackendAttribute, NativeBackend } from './native-backend.ts';
import { bindingOf, execute, upload, type TensorHandle } from './saved-model-binding.ts';

/** What is known of a value while a function is recorded: its number where it doesn't depend on data, and is small. */
export interface KnownOutput extends NativeOutput {
  readonly id?: number;
}

/** An operation to try. */
export interface Trial {
  readonly type: string;
  readonly inputs: readonly KnownOutput[];
  readonly attributes: Readonly<Record<string, NativeAttribute>>;
  readonly numOutputs: number;
}

/** More elements than this are no shape, axis or permutation. */
const maxKnownElements = 64;

/** The sizes of their results depend on data. */
const dataDependent: ReadonlySet<string> = new Set([
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV5',
  'Unique',
  'UniqueV2',
  'Where',
]);

/** Finds the shapes of results the only way the stock binding offers: it does each operation once, on zeros. */
export class ShapeTrials {
  private readonly backend: NativeBackend;
  private readonly kept: number[] = [];

  constructor(backend: NativeBackend) {
    this.backend = backend;
  }

  /** A constant, with its value where it is small. */
  constant(tensor: NativeTensor): KnownOutput {
    const { dtype, shape } = tensor;
    if (tensor.data.length > maxKnownElements || dtype === 7) return { dtype, shape };
    const id = upload(this.backend, tensor);
    this.kept.push(id);
    return { dtype, shape, id };
  }

  /** @throws what TensorFlow says */
  tryOut(trial: Trial): KnownOutput[] {
    const outputs = this.executeOnZeros(trial);
    const isConstant = trial.inputs.length > 0 && trial.inputs.every(({ id }) => id !== undefined);
    return outputs.map(({ id, dtype, shape }) => {
      if (dataDependent.has(trial.type)) {
        bindingOf(this.backend).deleteTensor(id);
        return { dtype, shape: shape.map(() => -1) };
      }
      if (isConstant && numElements(shape) <= maxKnownElements) {
        this.kept.push(id);
        return { dtype, shape, id };
      }
      bindingOf(this.backend).deleteTensor(id);
      return { dtype, shape };
    });
  }

  /** Lets go of all values. */
  dispose(): void {
    for (const id of this.kept.splice(0)) bindingOf(this.backend).deleteTensor(id);
  }

  private executeOnZeros(trial: Trial): TensorHandle[] {
    try {
      return this.executeOn(0, trial);
    } catch (error) {
      if (trial.inputs.every(({ id }) => id !== undefined)) throw error;
      try {
        // Whole numbers can't be divided by 0.
        return this.executeOn(1, trial);
      } catch {
        throw error;
      }
    }
  }

  private executeOn(value: number, { type, inputs, attributes, numOutputs }: Trial): TensorHandle[] {
    const binding = bindingOf(this.backend);
    const temporary: number[] = [];
    try {
      const ids = inputs.map((input) => {
        if (input.id !== undefined) return input.id;
        const id = filled(this.backend, input, value);
        temporary.push(id);
        return id;
      });
      return binding.executeOp(type, this.attributesOf(attributes), ids, numOutputs);
    } finally {
      for (const id of temporary) binding.deleteTensor(id);
    }
  }

  private attributesOf(attributes: Readonly<Record<string, NativeAttribute>>): BackendAttribute[] {
    const { binding } = this.backend;
    // The binding knows no lists of types; TensorFlow infers them.
    const known = Object.entries(attributes).filter(
      ([, { type, value }]) => type !== 'type' || !Array.isArray(value),
    );
    return known.map(([name, { type, value }]) => ({
      name,
      type: binding[`TF_ATTR_${type.toUpperCase()}`] as number,
      value,
    }));
  }
}

function filled(backend: NativeBackend, { dtype, shape }: NativeOutput, value: number): number {
  if (shape?.every((size) => size >= 0) !== true) throw new RangeError('an input has an unknown shape');
  const data = new Float32Array(numElements(shape)).fill(value);
  const id = upload(backend, { dtype: 1, shape, data });
  if (dtype === 1) return id;
  const cast = execute(backend, 'Cast', [id], { SrcT: 1, DstT: dtype });
  bindingOf(backend).deleteTensor(id);
  return cast;
}

function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
