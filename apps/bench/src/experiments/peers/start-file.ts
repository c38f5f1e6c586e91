import { readFileSync } from 'node:fs';
import { createModel, summarise, type ModelName } from '@superconvergence/models';
import {
  decodeSafeTensors,
  encodeSafeTensors,
  onlyFloat32,
  type NamedTensors,
} from '@superconvergence/safetensors';
import { readVariables, trainableVariables } from '@superconvergence/trainer';
import * as tf from '@tensorflow/tfjs';
import { writeFileAtomically } from '../../files.ts';

/** What one model costs, counted by packages/models. */
export interface ModelWork {
  /** Trainable ones. */
  readonly parameters: number;
  /** Multiply-accumulates of one image's training step: forward, weight gradients, input gradients. */
  readonly multiplyAccumulatesPerImage: number;
}

/**
 * Writes what all contenders start from, so that they all compute the same losses: the initial weights of `model` under
 * their names, and one batch, `images` `[N, 32, 32, 3]` of mean 0 and variance 1, `labels` `[N]`.
 */
export async function writeStartFile(
  path: string,
  { model: name, batchSize }: { model: ModelName; batchSize: number },
): Promise<ModelWork> {
  const model = createModel(name);
  try {
    const [, ...imageShape] = model.inputs[0]?.shape.map(Number) ?? [];
    const numClasses = Number(model.outputs[0]?.shape[1]);
    const tensors: NamedTensors = {
      ...(await readVariables(trainableVariables(model))),
      images: { shape: [batchSize, ...imageShape], values: randomImages([batchSize, ...imageShape]) },
      labels: {
        shape: [batchSize],
        values: Float32Array.from({ length: batchSize }, (_, i) => i % numClasses),
      },
    };
    writeFileAtomically(path, encodeSafeTensors({ tensors, metadata: { model: name } }));
    const { parameters, multiplyAccumulates, inputGradientMultiplyAccumulates } = summarise(model);
    return {
      parameters,
      multiplyAccumulatesPerImage: 2 * multiplyAccumulates + inputGradientMultiplyAccumulates,
    };
  } finally {
    model.dispose();
  }
}

/** The common start as a contender in Node reads it. */
export interface Start {
  readonly weights: NamedTensors;
  readonly images: { readonly shape: [number, number, number, number]; readonly values: Float32Array };
  readonly labels: Int32Array;
}

export function readStartFile(path: string): Start {
  const { images, labels, ...weights } = onlyFloat32(decodeSafeTensors(readFileSync(path)).tensors);
  if (!images || !labels) throw new RangeError(`${path} has no images or no labels`);
  const shape = images.shape as Start['images']['shape'];
  return { weights, images: { shape, values: images.values }, labels: Int32Array.from(labels.values) };
}

function randomImages(shape: number[]): Float32Array {
  return tf.tidy(() => Float32Array.from(tf.randomNormal(shape, 0, 1, 'float32', 1).dataSync()));
}
