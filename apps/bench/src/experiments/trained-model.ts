import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeSafeTensors,
  encodeSafeTensors,
  onlyFloat32,
  SafeTensorsError,
  type NamedTensors,
} from '@superconvergence/safetensors';
import { modelVariables, writeVariables } from '@superconvergence/trainer';
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { BenchError } from '../errors.ts';
import { writeFileAtomically } from '../files.ts';
import type { RunDirectory } from '../run-directory.ts';
import { createNetwork } from './create-network.ts';
import type { Data } from './data.ts';
import { modelNameSchema } from './model-name.ts';
import { trainConfigSchema } from './train-config.ts';

const fileName = 'weights.safetensors';

const descriptionSchema = z.object({
  model: modelNameSchema,
  inputShape: z.tuple([z.int(), z.int(), z.int()]),
  classNames: z.array(z.string()),
  /** In units of 0 … 1: `(pixel / 255 − mean) / std`, with one mean a channel, or one a pixel. */
  preprocessing: z.object({
    mean: z.array(z.number()).optional(),
    meanImage: z.array(z.number()).optional(),
    std: z.array(z.number()),
  }),
});

/** What somebody must know of a trained network to use it. */
export type TrainedModelDescription = z.infer<typeof descriptionSchema>;

/** Stores a trained network beside its run: its weights and moving averages, and what they are for. */
export function saveTrainedModel(
  { path, record }: RunDirectory,
  tensors: NamedTensors,
  { train, classNames, preprocessing: { mean, meanImage, std } }: Data,
): void {
  const description = {
    model: record.config.model,
    inputShape: train.imageShape,
    classNames,
    preprocessing: { mean, meanImage: meanImage && [...meanImage], std },
  };
  const metadata = { description: JSON.stringify(description) };
  writeFileAtomically(join(path, fileName), encodeSafeTensors({ tensors, metadata }));
}

/** Whether {@link saveTrainedModel} stored one. */
export function hasTrainedModel({ path }: RunDirectory): boolean {
  return existsSync(join(path, fileName));
}

/**
 * The network that {@link saveTrainedModel} stored.
 *
 * @throws BenchError `no-weights` where there is none, `damaged-run` where it can't be read
 */
export function loadTrainedModel(directory: RunDirectory): {
  model: tf.LayersModel;
  description: TrainedModelDescription;
} {
  const { path, record } = directory;
  const file = join(path, fileName);
  if (!hasTrainedModel(directory)) {
    const { run, finishedAt } = record;
    const why =
      finishedAt === undefined
        ? `The run is not finished: bench train --resume ${run} goes on with it.`
        : `The run diverged, or its network was removed: train anew with --run ${run} --fresh.`;
    throw new BenchError('no-weights', `There is no ${file}. ${why}`);
  }
  try {
    const { tensors, metadata } = decodeSafeTensors(readFileSync(file));
    const description = descriptionSchema.parse(JSON.parse(metadata.description ?? ''));
    const config = trainConfigSchema.parse(record.config);
    const images = { imageShape: description.inputShape, numClasses: description.classNames.length };
    const model = createNetwork(config, images);
    writeVariables(modelVariables(model), onlyFloat32(tensors));
    return { model, description };
  } catch (cause) {
    if (!(cause instanceof SafeTensorsError || cause instanceof z.ZodError || cause instanceof SyntaxError)) {
      throw cause;
    }
    throw new BenchError('damaged-run', `${file} is damaged. Train the run anew with --fresh.`, { cause });
  }
}
