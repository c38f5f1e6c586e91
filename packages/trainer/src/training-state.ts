import type { NamedTensors } from '@superconvergence/safetensors';
import * as tf from '@tensorflow/tfjs';
import { TrainerError } from './errors.ts';
import type { NamedVariable } from './model-variables.ts';

/** Everything a run needs to go on exactly as if it had never stopped: with the same options, nothing else. */
export interface TrainingState {
  /** Updates done. */
  readonly step: number;
  /** Sum of the training losses since the last `step` event. */
  readonly lossSum: number;
  /** The model's weights and moving averages, and the optimiser's variables. */
  readonly tensors: NamedTensors;
}

/** Copies variables to the host. */
export async function readVariables(variables: readonly NamedVariable[]): Promise<NamedTensors> {
  const tensors: NamedTensors = {};
  for (const { name, variable } of variables) {
    tensors[name] = { shape: variable.shape, values: Float32Array.from(await variable.data()) };
  }
  return tensors;
}

/**
 * Puts copied values back.
 *
 * @throws TrainerError `bad-checkpoint` when names or shapes differ; no variable is changed then.
 */
export function writeVariables(variables: readonly NamedVariable[], tensors: NamedTensors): void {
  const wanted = new Map(variables.map(({ name, variable }) => [name, variable.shape.join('×')]));
  const given = new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape.join('×')]));
  for (const name of new Set([...wanted.keys(), ...given.keys()])) {
    if (wanted.get(name) === given.get(name)) continue;
    throw new TrainerError(
      'bad-checkpoint',
      `The checkpoint belongs to another network or optimiser: ${name} is ${given.get(name) ?? 'missing'} in the checkpoint ` +
        `and ${wanted.get(name) ?? 'missing'} here. Resume with the options that the run was started with.`,
    );
  }
  for (const { name, variable } of variables) {
    const values = tensors[name]?.values;
    if (values) {
      tf.tidy(() => {
        variable.assign(tf.tensor(values, variable.shape));
      });
    }
  }
}
