import type { HostTensor, NamedTensors, TensorValues } from '@superconvergence/safetensors';
import * as tf from '@tensorflow/tfjs';
import { pytorchFormats, pytorchName, type PytorchFormat } from './pytorch-names.ts';
import { checkFormat, fittingFormats, fromPytorchAxes, toPytorchAxes } from './pytorch-weights.ts';

/** An error lists so many tensors of each kind. */
const MAX_LISTED = 5;

/**
 * Gives a residual network the weights and running statistics of the same network in PyTorch.
 *
 * Every weight must be there with the right shape, and every tensor must be used, but for `num_batches_tracked`, which
 * has no counterpart here. A prefix `module.` of all names (`torch.nn.DataParallel`'s) is dropped. Kernels
 * `[outputs, inputs, height, width]` become `[height, width, inputs, outputs]`, dense ones `[inputs, outputs]`.
 *
 * @param tensors by their names in PyTorch, as `decodeSafeTensors` gives them
 * @param options.format whose names they are: see {@link PytorchFormat}. Default: found from the names
 * @returns the format
 * @throws RangeError that names the tensors which are missing, not used or of another shape; the model is as it was
 * @example
 * const { tensors } = decodeSafeTensors(await readFile('resnet18.safetensors'));
 * const model = createModel('resnet-18');
 * importPytorchWeights(model, tensors); // 'torchvision'
 */
export function importPytorchWeights(
  model: tf.LayersModel,
  tensors: NamedTensors<TensorValues>,
  options: { format?: PytorchFormat } = {},
): PytorchFormat {
  if (options.format !== undefined) checkFormat(options.format, model);
  const given = withoutModulePrefix(tensors);
  const comparisons = fittingFormats(model).map((format) => compare(model, given, format));
  const [best] = comparisons.sort((a, b) => a.numProblems - b.numProblems);
  if (best === undefined) {
    throw new RangeError(`model must be a network of ${pytorchFormats.join(', ')}, but is ${model.name}`);
  }
  const chosen = comparisons.find(({ format }) => format === options.format) ?? best;
  if (chosen.numProblems > 0) {
    const hint = best.numProblems === 0 ? `; they fit the format ${best.format}` : '';
    throw new RangeError(
      `tensors must be the weights of ${model.name} in the format ${chosen.format}, but are not: ` +
        explain(chosen) +
        hint,
    );
  }
  tf.tidy(() => {
    for (const { weight, tensor } of chosen.pairs) {
      const given = tf.tensor(tensor.values as Float32Array, [...tensor.shape]);
      weight.write(tf.transpose(given, fromPytorchAxes(given.rank)));
    }
  });
  return chosen.format;
}

/** How the tensors fit the weights of a model in one format. */
type Comparison = {
  format: PytorchFormat;
  pairs: { weight: tf.LayerVariable; tensor: HostTensor<TensorValues> }[];
  missing: string[];
  unused: string[];
  /** What is wrong with tensors that are there. */
  wrong: string[];
  numProblems: number;
};

function compare(
  model: tf.LayersModel,
  tensors: ReadonlyMap<string, HostTensor<TensorValues>>,
  format: PytorchFormat,
): Comparison {
  const wanted = model.weights.map((weight) => ({
    weight,
    name: pytorchName(weight.originalName, format) ?? weight.originalName,
  }));
  const names = new Set(wanted.map(({ name }) => name));
  const pairs = wanted.flatMap(({ weight, name }) => {
    const tensor = tensors.get(name);
    return tensor === undefined ? [] : [{ weight, name, tensor }];
  });
  const missing = [...names].filter((name) => !tensors.has(name));
  const unused = [...tensors.keys()].filter((name) => !names.has(name) && !isBatchCount(name));
  const wrong = pairs.flatMap(({ weight, name, tensor }) => mistakeOf(tensor, name, weight) ?? []);
  return {
    format,
    pairs,
    missing,
    unused,
    wrong,
    numProblems: missing.length + unused.length + wrong.length,
  };
}

function isBatchCount(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}

function mistakeOf(
  { shape, values }: HostTensor<TensorValues>,
  name: string,
  weight: tf.LayerVariable,
): string | undefined {
  const wanted = toPytorchAxes(weight.shape.length).map((axis) => weight.shape[axis] ?? 0);
  if (shape.join() !== wanted.join()) {
    return `${name} must be [${wanted.join(', ')}], but is [${shape.join(', ')}]`;
  }
  if (!(values instanceof Float32Array)) {
    return `${name} must be a Float32Array, but is a ${values[Symbol.toStringTag]}`;
  }
  const size = tf.util.sizeFromShape(wanted);
  return values.length === size ? undefined : `${name} must have ${size} values, but has ${values.length}`;
}

function explain({ missing, unused, wrong }: Comparison): string {
  const parts = [
    ...(missing.length > 0 ? [`missing: ${list(missing)}`] : []),
    ...(unused.length > 0 ? [`not used: ${list(unused)}`] : []),
    ...(wrong.length > 0 ? [list(wrong)] : []),
  ];
  return parts.join('; ');
}

function list(texts: readonly string[]): string {
  const more = texts.length - MAX_LISTED;
  return texts.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function withoutModulePrefix(tensors: NamedTensors<TensorValues>): Map<string, HostTensor<TensorValues>> {
  const prefix = 'module.';
  const names = Object.keys(tensors);
  const length = names.every((name) => name.startsWith(prefix)) ? prefix.length : 0;
  return new Map(Object.entries(tensors).map(([name, tensor]) => [name.slice(length), tensor]));
}
