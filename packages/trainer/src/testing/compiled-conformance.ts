import { compile } from '@superconvergence/compile';
import { createModel, type CreateModelOptions, type ModelName } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { modelVariables, trainableVariables, type NamedVariable } from '../model-variables.ts';
import { dropoutSeed } from '../dropout-seed.ts';
import type { OptimizerFactory } from '../sgd.ts';
import { lossAndGradients, trainingStep } from '../training-step.ts';

/** A training step: the loss of a batch before the update. */
type Step = (images: tf.Tensor4D, labels: tf.Tensor1D, dropoutSeed: tf.Tensor1D) => tf.Scalar;

/** Makes the step of an optimiser for a model; `slots` are the optimiser's variables once it has made a step. */
export type StepFactory = (model: tf.LayersModel) => {
  readonly step: Step;
  readonly slots: () => NamedVariable[];
  readonly dispose: () => void;
};

/** Optimisers of this package, with rate, momentum and weight decay as given. */
export function ownOptimizer(
  factory: OptimizerFactory,
  rates: { learningRate: number; momentum: number; weightDecay: number },
): StepFactory {
  return (model) => {
    const optimizer = factory(trainableVariables(model));
    const run = trainingStep(model, optimizer);
    const step: Step = (images, labels, dropoutSeed) =>
      run(images, labels, {
        learningRate: tf.scalar(rates.learningRate),
        momentum: tf.scalar(rates.momentum),
        weightDecay: tf.scalar(rates.weightDecay),
        dropoutSeed,
      });
    const dispose = () => {
      optimizer.dispose();
    };
    return { step, slots: () => [...optimizer.slots], dispose };
  };
}

/** Optimisers of tfjs. */
export function stockOptimizer(create: () => tf.Optimizer): StepFactory {
  return (model) => {
    const optimizer = create();
    const variables = trainableVariables(model);
    const step: Step = (images, labels) => {
      const { loss, gradients } = lossAndGradients(model, variables, images, labels);
      optimizer.applyGradients(
        gradients.map((tensor, i) => ({ name: variables[i]?.variable.name ?? '', tensor })),
      );
      return loss;
    };
    const dispose = () => {
      for (const { variable } of variablesOf(optimizer, variables)) variable.dispose();
    };
    return { step, slots: () => variablesOf(optimizer, variables), dispose };
  };
}

/** Found among its fields: AdamaxOptimizer of tfjs 4.22 has no getWeights. */
function variablesOf(optimizer: tf.Optimizer, weights: readonly NamedVariable[]): NamedVariable[] {
  return Object.entries(optimizer).flatMap(([field, part]: [string, unknown]) => {
    if (part instanceof tf.Variable) return [{ name: field, variable: part }];
    if (!Array.isArray(part)) return [];
    return (part as { variable: tf.Variable }[]).map(({ variable }, i) => ({
      name: `${weights[i]?.name ?? ''}/${field}`,
      variable,
    }));
  });
}

/** What is compared. */
export interface Comparison {
  readonly model: ModelName;
  readonly options?: CreateModelOptions;
  readonly batchSize: number;
  readonly optimizer: StepFactory;
  /** How many steps the second comparison is after. Default 20. */
  readonly numSteps?: number;
  /**
   * For networks with so many activations that a gradient or two will flip (see `SENSITIVITY`) in one twin alone, the
   * shaken one not among them: after the last step, what is made of nothing but gradients (slots, β, biases) may be
   * 0.03 off. Default false.
   */
  readonly expectsFlips?: boolean;
  /** Number of the first batch. Default 0. */
  readonly firstBatch?: number;
}

/** A tensor of which the compiled function and the eager one have different values. */
export interface Difference {
  readonly tensor: string;
  readonly numSteps: number;
  /** ‖a − b‖₂ / ‖b‖₂. */
  readonly error: number;
}

/** Errors that are allowed after the first step and after the last. */
const TOLERANCES = { first: 1e-5, last: 1e-3 } as const;

/**
 * A rectifier whose input is within rounding of 0 passes a gradient in one twin and not in the other; with millions of
 * activations some always do, and in a deep network one of them moves the gradients of whole layers by a hundredth. How
 * much, the network itself says: a third, eager twin sees images with noise of 2⁻¹⁸ of their size, a few times what a
 * convolution by Winograd's algorithm is off. Tensors of one kind may differ by eight times what it differs by, where
 * that is more than the tolerance, but never by more than the largest that is allowed.
 */
const SENSITIVITY = { noise: 2 ** -18, factor: 8, largest: { first: 0.1, last: 0.2 } } as const;

/**
 * Trains twins, one compiled and one eager, on the same batches, and compares losses, weights, moving averages and the
 * optimiser's variables after one step and after the last.
 *
 * @returns what differs by more than is allowed
 */
export async function differences(comparison: Comparison): Promise<Difference[]> {
  const eager = await trainedTensors(comparison, { eager: true, noise: 0 });
  const compiled = await trainedTensors(comparison, { eager: false, noise: 0 });
  const shaken = await trainedTensors(comparison, { eager: true, noise: SENSITIVITY.noise });
  return eager.flatMap(({ numSteps, tensors }, i) => {
    const tolerance = i === 0 ? TOLERANCES.first : TOLERANCES.last;
    const sensitivity = new Map<string, number>();
    for (const [tensor, error] of errorsOf(shaken[i]?.tensors ?? none, tensors)) {
      sensitivity.set(kindOf(tensor), Math.max(error, sensitivity.get(kindOf(tensor)) ?? 0));
    }
    return errorsOf(compiled[i]?.tensors ?? none, tensors).flatMap(([tensor, error]) => {
      const ofFlips = i > 0 && comparison.expectsFlips === true && isMadeOfGradients(tensor) ? 0.03 : 0;
      const ofNoise = SENSITIVITY.factor * (sensitivity.get(kindOf(tensor)) ?? 0);
      const largest = SENSITIVITY.largest[i === 0 ? 'first' : 'last'];
      const allowed = Math.max(tolerance, ofFlips, Math.min(ofNoise, largest));
      return error <= allowed ? [] : [{ tensor, numSteps, error }];
    });
  });
}

/**
 * `differences` that show with other batches too: which activation flips depends on the batch, and a mistake doesn't.
 *
 * @returns those of the last of three attempts; none if one of them had none
 */
export async function lastingDifferences(comparison: Comparison): Promise<Difference[]> {
  let found: Difference[] = [];
  for (const firstBatch of [0, 100, 200]) {
    found = await differences({ ...comparison, firstBatch });
    if (found.length === 0) break;
  }
  return found;
}

/** What starts at 0 and is then the sum of gradients. */
export function isMadeOfGradients(tensor: string): boolean {
  return /\/(beta|bias|velocity)$/.test(tensor);
}

/** `stage1/block1/conv1/kernel/velocity` is a `kernel/velocity`. */
function kindOf(tensor: string): string {
  return /(kernel|bias|gamma|beta)(\/\w+)?$/.exec(tensor)?.[0] ?? tensor.replace(/.*\//, '');
}

/** Of each tensor, ‖a − b‖₂ / ‖b‖₂; NaN where only one side has it. */
function errorsOf(ours: Tensors, theirs: Tensors): [string, number][] {
  return [...new Set([...theirs.keys(), ...ours.keys()])].map((tensor) => {
    const [a, b] = [ours.get(tensor), theirs.get(tensor)];
    if (a === undefined || b === undefined) return [tensor, NaN];
    return [tensor, distance(a.values, b.values) / (norm(b.scale) || 1)];
  });
}

/** Values, and those whose norm errors are measured by. */
interface Measured {
  readonly values: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
}

type Tensors = ReadonlyMap<string, Measured>;
const none: Tensors = new Map();

/** All tensors after the first step and after the last. */
async function trainedTensors(
  { model: name, options, batchSize, optimizer, numSteps = 20, firstBatch = 0 }: Comparison,
  { eager, noise }: { eager: boolean; noise: number },
): Promise<{ numSteps: number; tensors: Tensors }[]> {
  const model = createModel(name, { seed: 1, ...options });
  const { step, slots, dispose } = optimizer(model);
  const compiled = compile(step, { eager });
  const before = await valuesOf(modelVariables(model));
  const losses: number[] = [];
  const snapshots: { numSteps: number; tensors: Tensors }[] = [];
  for (let i = 0; i < numSteps; i++) {
    const { images, labels } = batch(model, batchSize, firstBatch + i, noise);
    const seed = tf.tensor1d(dropoutSeed(1, i), 'int32');
    const loss = await compiled(images, labels, seed);
    losses.push((await loss.data())[0] ?? NaN);
    tf.dispose([images, labels, seed, loss]);
    if (i > 0 && i < numSteps - 1) continue;
    const after = await valuesOf([...modelVariables(model), ...slots()]);
    after.set('losses', [...losses]);
    const measured = [...after].map(([tensor, values]) => {
      return [tensor, { values, scale: scaleOf(tensor, before, after) }] as const;
    });
    snapshots.push({ numSteps: i + 1, tensors: new Map(measured) });
  }
  compiled.dispose();
  dispose();
  model.dispose();
  return snapshots;
}

/**
 * A tensor's own values, but not for the bias of a convolution before a batch normalisation: its gradient is zero and
 * what it gets is rounding. It is the weight of an input that is always 1, so its gradient is a sum of the same terms as
 * the kernel's, whose inputs are of the order of 1, and their rounding errors are of one size. So it may be off by as
 * much as the kernel's change, or the kernel's slot.
 */
function scaleOf(
  tensor: string,
  before: ReadonlyMap<string, ArrayLike<number>>,
  after: ReadonlyMap<string, ArrayLike<number>>,
): ArrayLike<number> {
  const scale = after.get(tensor.replace(/(conv\d?|shortcut)\/bias(?=\/|$)/, '$1/kernel')) ?? [];
  const start = before.get(tensor.replace(/bias$/, 'kernel')) ?? [];
  const isBias = /(conv\d?|shortcut)\/bias$/.test(tensor);
  return isBias ? Float32Array.from(scale, (value, i) => value - (start[i] ?? NaN)) : scale;
}

async function valuesOf(variables: readonly NamedVariable[]): Promise<Map<string, ArrayLike<number>>> {
  const values = new Map<string, ArrayLike<number>>();
  for (const { name, variable } of variables) values.set(name, (await variable.data()).slice());
  return values;
}

/** Batch number `index`, the same for every model of one input shape; with `noise` of so much of its images' size. */
function batch(
  model: tf.LayersModel,
  batchSize: number,
  index: number,
  noise: number,
): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  const [, height, width, channels] = model.inputs[0]?.shape ?? [];
  const [, classes] = model.outputShape as number[];
  const shape = [batchSize, height, width, channels] as [number, number, number, number];
  return {
    images: tf.tidy(() => normal(shape, index).add(normal(shape, 1000 + index).mul(noise))),
    labels: tf.tensor1d(
      Int32Array.from({ length: batchSize }, (_, i) => (i + index) % (classes ?? 1)),
      'int32',
    ),
  };
}

/** ‖a − b‖₂ / ‖b‖₂; NaN where they are not of one length. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return distance(a, b) / norm(b);
}

function normal(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  return tf.randomNormal(shape, 0, 1, 'float32', 100 + seed);
}

function norm(values: ArrayLike<number>): number {
  return distance(values, new Float32Array(values.length));
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
  return Math.sqrt(squares);
}
