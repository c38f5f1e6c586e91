import { requireThat, requireWithin } from './checks.ts';

/** The parameters of a model: one list of numbers, or one for each of its tensors. */
export type Snapshot = ArrayLike<number> | readonly ArrayLike<number>[];

type Tensors = readonly ArrayLike<number>[];

/** Options of {@link estimateLearningRate}. */
export type EstimateLearningRateOptions = {
  /** Parameters before both updates, θ₀. */
  readonly previous: Snapshot;
  /** Parameters between the updates, θ₁. */
  readonly current: Snapshot;
  /** Parameters after both updates, θ₂. */
  readonly next: Snapshot;
  /** The rate ε of the update from θ₁ to θ₂; at least 0. */
  readonly learningRate: number;
};

/** Options of {@link smoothEstimates}. */
export type SmoothEstimatesOptions = {
  /** How much of the average before a new estimate remains; from 0 to 1. @default 0.9 */
  readonly factor?: number;
  /** The average before the first estimate; at least 0. @default 0.1 */
  readonly initial?: number;
};

/**
 * The rate that the curvature along the last two updates asks for: ε* = ε·Σ|θ₁ − θ₀| / Σ|2θ₁ − θ₀ − θ₂|, the sums over
 * all parameters.
 *
 * Plain SGD has ∇f(θ₁) = (θ₁ − θ₂)/ε, and with it the secant method's Newton step is ε*. On a quadratic of one
 * parameter with curvature a it is 1/a. Momentum and mini-batches make it noisy: see {@link smoothEstimates}.
 *
 * A curvature less than the rounding of the parameters cannot be seen, so the result is at most ε / 2⁻⁵². Where no
 * parameter moved at all nothing is known, and the result is ε.
 *
 * @example
 * // ½·2·θ² from θ = 1 at a rate of 0.25: each update multiplies θ by 1 − 0.25·2.
 * estimateLearningRate({ previous: [1], current: [0.5], next: [0.25], learningRate: 0.25 }); // 0.5
 * @throws RangeError if the snapshots differ in length, hold a number that is not finite, or the rate is out of range.
 * @see Smith and Topin, Super-Convergence (arXiv 1708.07120), section on simplified Hessian-free optimisation.
 */
export function estimateLearningRate(options: EstimateLearningRateOptions): number {
  const learningRate = requireWithin('estimateLearningRate: learningRate', options.learningRate);
  const before = tensorsOf('previous', options.previous);
  const between = tensorsOf('current', options.current, before);
  const after = tensorsOf('next', options.next, before);

  let moved = 0;
  let bent = 0;
  before.forEach((tensor, index) => {
    const [middle = [], last = []] = [between[index], after[index]];
    for (let i = 0; i < tensor.length; i += 1) {
      const [first = 0, second = 0, third = 0] = [tensor[i], middle[i], last[i]];
      moved += Math.abs(second - first);
      bent += Math.abs(second - first - (third - second));
    }
  });
  if (moved + bent === 0) return learningRate;
  requireThat(
    Number.isFinite(moved + bent),
    'estimateLearningRate: sum of differences',
    moved + bent,
    'finite',
  );
  return learningRate * (moved / Math.max(bent, Number.EPSILON * moved));
}

/**
 * The average that follows noisy estimates: factor·average + (1 − factor)·estimate, from `initial` on.
 *
 * @example
 * smoothEstimates([0.5, 1.5], { factor: 0.5, initial: 1 }); // [0.75, 1.125]
 * @returns One average for each estimate.
 * @throws RangeError if an estimate or an option is out of range.
 * @see Smith and Topin, Super-Convergence (arXiv 1708.07120): 0.9 and 0.1, begun at 0.1.
 */
export function smoothEstimates(
  estimates: readonly number[],
  options: SmoothEstimatesOptions = {},
): number[] {
  const factor = requireWithin('smoothEstimates: factor', options.factor ?? 0.9, 0, 1);
  let average = requireWithin('smoothEstimates: initial', options.initial ?? 0.1);
  return estimates.map((estimate, index) => {
    average =
      factor * average + (1 - factor) * requireWithin(`smoothEstimates: estimates[${index}]`, estimate);
    return average;
  });
}

/** The snapshot as a list of tensors, checked to have finite numbers only and the lengths of `like`. */
function tensorsOf(name: string, snapshot: Snapshot, like?: Tensors): Tensors {
  const full = `estimateLearningRate: ${name}`;
  const tensors = (typeof snapshot[0] === 'number' ? [snapshot] : snapshot) as Tensors;
  requireThat(tensors.length > 0, `${full}.length`, tensors.length, 'at least 1');
  if (like) requireThat(tensors.length === like.length, `${full}.length`, tensors.length, `${like.length}`);
  tensors.forEach((tensor, index) => {
    const { length = tensor.length } = like?.[index] ?? {};
    requireThat(
      tensor.length === length,
      `${full}[${index}].length`,
      tensor.length,
      `${length}, as in previous`,
    );
    const wrong = Array.prototype.findIndex.call(tensor, (value) => !Number.isFinite(value));
    if (wrong >= 0) requireThat(false, `${full}[${index}][${wrong}]`, tensor[wrong], 'a finite number');
  });
  return tensors;
}
