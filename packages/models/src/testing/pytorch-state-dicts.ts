import { readFileSync } from 'node:fs';
import type { HostTensor, NamedTensors, TensorValues } from '@superconvergence/safetensors';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  createModel,
  exportPytorchWeights,
  importPytorchWeights,
  type ModelName,
  type PytorchFormat,
} from '../index.ts';
import { formula } from './pytorch-fixture.ts';

/** What fixtures/pytorch-weights/generate.py writes for one network. */
export type StateDict = {
  name: ModelName;
  format: PytorchFormat;
  /** The library and its network. */
  source: string;
  imageShape: [number, number, number];
  /** Shapes by name. */
  tensors: Record<string, number[]>;
  /** Of the batch, row by row, in eval mode. */
  logits: number[];
};

type Fixture = {
  versions: Record<string, string>;
  classes: number;
  batchSize: number;
  networks: StateDict[];
};

const fixture = JSON.parse(
  readFileSync(new URL('../../../../fixtures/pytorch-weights/state-dicts.json', import.meta.url), 'utf8'),
) as Fixture;

/** The networks of the fixture with more, or with at most so many numbers in their tensors. */
export function stateDicts({ size }: { size: 'small' | 'large' }): StateDict[] {
  const isLarge = ({ tensors }: StateDict): boolean => {
    const sizes = Object.values(tensors).map((shape) => tf.util.sizeFromShape(shape));
    return sizes.reduce((sum, numbers) => sum + numbers, 0) > 12_000_000;
  };
  return fixture.networks.filter((network) => isLarge(network) === (size === 'large'));
}

/** A network of the fixture by its name. */
export function stateDict(name: ModelName): StateDict {
  const found = fixture.networks.find((network) => network.name === name);
  if (found === undefined) throw new RangeError(`the fixture has no ${name}`);
  return found;
}

/** The network that a state dict is of, with its own initial weights. */
export function modelOf({ name, imageShape }: StateDict): tf.LayersModel {
  return createModel(name, { classes: fixture.classes, inputShape: imageShape });
}

/** The tensors that the fixture's logits were computed with, with PyTorch's names and layouts. */
export function formulaTensors({ tensors }: StateDict): NamedTensors<TensorValues> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, shape]): [string, HostTensor<TensorValues>] => [
      name,
      { shape, values: valuesOf(name, shape) },
    ]),
  );
}

/** Defines the test that every network of the fixture must pass. The native engine must be loaded before it runs. */
export function testStateDict(network: StateDict): void {
  test(`${network.name}, ${network.format}: names, logits and a round trip`, async () => {
    const tensorsBefore = tf.memory().numTensors;
    const model = modelOf(network);
    const tensors = formulaTensors(network);
    // Before the import too, so that nothing is in the export but what the model has.
    expect(shapesOf(await exportPytorchWeights(model, network))).toEqual(network.tensors);

    expect(importPytorchWeights(model, tensors)).toBe(network.format);
    expectLogits(model, network);

    const exported = await exportPytorchWeights(model, network);
    for (const [name, { shape, values }] of Object.entries(exported)) {
      const expected = name.endsWith('num_batches_tracked') ? BigInt64Array.of(0n) : tensors[name]?.values;
      expect(shape).toEqual(network.tensors[name]);
      expect(expected && Buffer.compare(bytes(values), bytes(expected)), name).toBe(0);
    }
    expect(Object.keys(exported).sort()).toEqual(Object.keys(network.tensors).sort());
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
}

/** ‖a − b‖₂ ≤ 1e-4 · ‖b‖₂ */
function expectLogits(model: tf.LayersModel, { imageShape, logits }: StateDict): void {
  const shape: [number, number, number, number] = [fixture.batchSize, ...imageShape];
  const pixels = formula('images', tf.util.sizeFromShape(shape), (value) => 1.7 * value);
  const actual = tf.tidy(() => (model.predict(tf.tensor4d(pixels, shape)) as tf.Tensor).dataSync());
  expect(actual).toHaveLength(logits.length);
  const error = Math.hypot(...logits.map((logit, index) => logit - (actual[index] ?? NaN)));
  expect(error).toBeLessThanOrEqual(1e-4 * Math.hypot(...logits));
}

/** `value` of fixtures/pytorch-weights/generate.py. */
function valuesOf(name: string, shape: number[]): TensorValues {
  if (name.endsWith('num_batches_tracked')) return BigInt64Array.of(7n);
  const size = tf.util.sizeFromShape(shape);
  if (shape.length > 1) {
    const limit = Math.sqrt((shape.length === 2 ? 3 : 6) / tf.util.sizeFromShape(shape.slice(1)));
    return formula(name, size, (value) => limit * value);
  }
  return formula(name, size, (value) => (/(weight|running_var)$/.test(name) ? 1 + 0.2 * value : 0.1 * value));
}

function shapesOf(tensors: NamedTensors<TensorValues>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
}

function bytes({ buffer, byteOffset, byteLength }: TensorValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
