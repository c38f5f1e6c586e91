import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { buildModel } from '../build-model.ts';
import type { ModelFamily } from '../model-table.ts';

/** What fixtures/pytorch/generate.py keeps of a tensor. */
export type TensorDigest = { norm: number; sum: number; samples: number[] };

/** The networks of fixtures/pytorch/generate.py: a small member or two of each family. */
export const pytorchFixtureNames = [
  'resnet-20',
  'he-resnet-8',
  'he-resnet-8-b',
  'bottleneck-20',
  'resnext-11',
  'gresnet-12',
  'wide-14',
  'densenet-13',
  'cifar3',
  'lenet',
  'wrn-16-2',
  'wrn-10-1-fixup',
  'wrn-10-1-fixup-scalar',
  'resnet-10-narrow',
  'resnet-17-narrow-cifar',
] as const;

/** What fixtures/pytorch/generate.py writes for one network. */
export type PytorchFixture = {
  name: (typeof pytorchFixtureNames)[number];
  variant: ModelFamily;
  versions: { torch: string; numpy: string; python: string };
  /** Which batch each step takes: part of the label of its formula. */
  salts: number[];
  batchSize: number;
  imageShape: [number, number, number];
  /** Pixels are uniform in ± this. */
  imageScale: number;
  /** A factor of the kernels at the start. */
  kernelScale: number;
  classes: number;
  optimizer: {
    learningRate: number;
    momentum: number;
    nesterov: boolean;
    weightDecay: number;
    decayed: 'kernels';
  };
  parameters: number;
  /**
   * The least distance in the steps from a kink: from 0 of any input of a ReLU, of the two largest of a max pool's
   * window.
   */
  margin: number;
  /** Training loss of each step, before its update; step i uses batch i. */
  losses: number[];
  /** Training-mode logits of batch 0, row by row. */
  logits: number[];
  /** Gradients of the loss on batch 0. */
  gradients: Record<string, TensorDigest>;
  /** All weights, running statistics too, after as many steps as there are losses. */
  afterSteps: Record<string, TensorDigest>;
  /** Inference-mode logits of batch 0, after the steps. */
  evaluationLogits: number[];
};

/** Reads a committed fixture. */
export function readPytorchFixture(name: PytorchFixture['name']): PytorchFixture {
  const file = new URL(`../../../../fixtures/pytorch/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as PytorchFixture;
}

/**
 * The fixture's network with the weights that it starts from: `formula` by name and kind, moving statistics 0 and 1.
 */
export function fixtureModel({
  name,
  variant,
  imageShape,
  classes,
  kernelScale,
}: PytorchFixture): tf.LayersModel {
  // torch.nn.BatchNorm2d's default momentum is 0.1, which is 0.9 here.
  const row = { ...variant, inputShape: imageShape, classes, batchNormMomentum: 0.9 };
  const model = buildModel(row, {}, name);
  tf.tidy(() => {
    for (const weight of model.weights) {
      const shape = weight.shape as number[];
      weight.write(tf.tensor(initialValues(weight.originalName, shape, kernelScale), shape));
    }
  });
  return model;
}

/** Batch number 0, 1, 2, … of a fixture: images NHWC float32 and labels int32. */
export function fixtureBatch(
  { salts, batchSize, imageShape, imageScale, classes }: PytorchFixture,
  number: number,
): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  const shape: [number, number, number, number] = [batchSize, ...imageShape];
  const salt = salts[number];
  if (salt === undefined) throw new RangeError(`number must be less than ${salts.length}, but is ${number}`);
  const images = formula(
    `images${salt}/${number}`,
    tf.util.sizeFromShape(shape),
    (value) => imageScale * value,
  );
  const labels = formula(`labels${salt}/${number}`, batchSize, (value) =>
    Math.floor(((value + 1) * classes) / 2),
  );
  return { images: tf.tensor4d(images, shape), labels: tf.tensor1d(Int32Array.from(labels), 'int32') };
}

/**
 * How far a tensor is from its digest, relative to the digest's norm (or to `scale`, for a tensor whose true value is
 * zero): the largest of the errors of the sampled entries, of the norm and of the mean entry. NaN if any is NaN.
 */
export function relativeError(
  values: ArrayLike<number>,
  digest: TensorDigest,
  scale: number = digest.norm,
): number {
  const size = values.length;
  const count = digest.samples.length;
  let squares = 0;
  let sum = 0;
  for (let index = 0; index < size; index++) {
    const value = values[index] ?? NaN;
    squares += value * value;
    sum += value;
  }
  // The sampled entries alone have a smaller norm than the tensor: compared with their own share of it.
  const sampleScale = scale * Math.sqrt(count / size);
  let sampleSquares = 0;
  digest.samples.forEach((expected, sample) => {
    const value = values[Math.floor((sample * size) / count)] ?? NaN;
    sampleSquares += (value - expected) ** 2;
  });
  const errors = [
    Math.sqrt(sampleSquares) / Math.max(sampleScale, Math.hypot(...digest.samples)),
    Math.abs(Math.sqrt(squares) - digest.norm) / scale,
    // |Σ(a − b)| ≤ √n·‖a − b‖
    Math.abs(sum - digest.sum) / (Math.sqrt(size) * scale),
  ];
  return errors.some(Number.isNaN) ? NaN : Math.max(...errors);
}

function initialValues(name: string, shape: number[], kernelScale: number): Float32Array {
  const size = tf.util.sizeFromShape(shape);
  if (name.endsWith('moving_mean')) return new Float32Array(size);
  if (name.endsWith('moving_variance')) return new Float32Array(size).fill(1);
  if (/(gamma|scale)$/.test(name)) return formula(name, size, (value) => 1 + 0.2 * value);
  if (!name.endsWith('kernel')) return formula(name, size, (value) => 0.1 * value);
  const fanIn = tf.util.sizeFromShape(shape.slice(0, -1));
  const limit = kernelScale * Math.sqrt((shape.length === 2 ? 3 : 6) / fanIn);
  return formula(name, size, (value) => limit * value);
}

/** `formula` of fixtures/pytorch/generate.py, mapped and then rounded to float32: equal bit for bit. */
export function formula(label: string, size: number, map: (value: number) => number): Float32Array {
  let key = 0x811c9dc5;
  for (let index = 0; index < label.length; index++) {
    key = Math.imul(key ^ label.charCodeAt(index), 0x01000193);
  }
  return Float32Array.from({ length: size }, (_, index) => {
    let mixed = (Math.imul(index, 0x9e3779b9) + key) | 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    return map((mixed >>> 0) / 2 ** 31 - 1);
  });
}
