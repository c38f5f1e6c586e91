import { requireThat } from '../checks.ts';
import type { Schedule } from '../schedule.ts';

/** What every function of this folder returns, `reduceLROnPlateau` apart. */
export type TorchSchedules = {
  readonly learningRate: Schedule;
  /** Where the original cycles it: the optimiser's momentum, or its beta1. */
  readonly momentum?: Schedule;
};

/** Which of the {@link TorchSchedules} a specification stands for. */
export type TorchOutput = 'learningRate' | 'momentum';

/** The learning rate, and the momentum unless the user has none. */
export function outputs(cycleMomentum = true, make: (of: TorchOutput) => Schedule): TorchSchedules {
  const learningRate = make('learningRate');
  return cycleMomentum ? { learningRate, momentum: make('momentum') } : { learningRate };
}

/** From 0, which rounding may miss, to the largest number; with `strict` unchanged. */
export function bounded(value: number, strict: boolean): number {
  return strict ? value : Math.min(Math.max(value, 0), Number.MAX_VALUE);
}

/** What a user's function returned, which a schedule has to be able to multiply with. */
export function requireFinite(name: string, value: number): number {
  return requireThat(Number.isFinite(value), name, value, 'a function to finite numbers');
}

/** What stands for the `spec` of a schedule with a function in it. */
export function noSpec(name: string): () => never {
  return () => {
    throw new TypeError(`${name} is a function, which a spec cannot hold: it is JSON`);
  };
}

/** From `start` to `end` along half a cosine as p goes from 0 to 1. */
export function cosine(start: number, end: number, p: number): number {
  return end + ((start - end) / 2) * (Math.cos(Math.PI * p) + 1);
}
