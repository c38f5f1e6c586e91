import { CifarError } from '@superconvergence/cifar';
import { EngineError } from '@superconvergence/engine';
import { SafeTensorsError } from '@superconvergence/safetensors';
import { TrainerError } from '@superconvergence/trainer';

/**
 * - `usage`: a wrong command, option or value (exit code 2)
 * - `no-such-run`, `run-exists`, `damaged-run`: about a run's folder
 * - `no-weights`: a run has no trained network to export
 * - `data-changed`: the user's data is not what a run was started with, or is gone
 * - `results-unwritable`: the results folder can't be written
 * - `cache-unwritable`: the folder of all caches can't be written
 * - `training-failed`: a training process met what its message says
 * - `peers-unavailable`, `peers-differ`: what `bench peers` compares with can't run, or trains something else
 */
export type BenchErrorCode =
  | 'usage'
  | 'no-such-run'
  | 'run-exists'
  | 'damaged-run'
  | 'no-weights'
  | 'data-changed'
  | 'results-unwritable'
  | 'cache-unwritable'
  | 'training-failed'
  | 'peers-unavailable'
  | 'peers-differ';

/** An error whose message tells the user what to do; it is shown without a stack. */
export class BenchError extends Error {
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BenchError';
    this.code = code;
  }
}

/** The sentence to show for an error that its message explains; undefined for a mistake in the program. */
export function explanationOf(error: unknown): string | undefined {
  const explained = [BenchError, EngineError, CifarError, SafeTensorsError, TrainerError].some(
    (type) => error instanceof type,
  );
  return explained && error instanceof Error ? error.message : undefined;
}
