import { requireCount, requirePositive, requireThat, requireWithin } from './checks.ts';
import { interpolate } from './piecewise.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Options of {@link multiStep}. */
export type MultiStepOptions = {
  /** Value before the first milestone; at least 0. */
  readonly initial: number;
  /** What the value is multiplied by at each milestone; greater than 0. */
  readonly factor: number;
  /** Steps at which the value changes: integers of at least 1, strictly increasing; may be empty. */
  readonly milestones: readonly number[];
};

/** A {@link multiStep} schedule as JSON. */
export type MultiStepSpec = MultiStepOptions & { readonly type: 'multiStep' };

/**
 * Piecewise constant: initial·factor^k, where k is the number of milestones ≤ step.
 *
 * An update at a milestone already uses the new value.
 *
 * @example
 * multiStep({ initial: 1, factor: 0.5, milestones: [10, 20] })(20); // 0.25
 * @throws RangeError if an option is out of range, or if factor^k takes the value beyond what a number can hold.
 * @see He et al., Deep Residual Learning for Image Recognition (arXiv 1512.03385), section 4.2: 0.1 divided by 10
 * at iterations 32,000 and 48,000.
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const initial = requireWithin('multiStep: initial', options.initial);
  const factor = requirePositive('multiStep: factor', options.factor);
  const { milestones } = options;
  requireThat(Array.isArray(milestones), 'multiStep: milestones', milestones, 'a list of steps');

  const knots = [{ step: 0, value: initial }];
  milestones.forEach((step, index) => {
    const name = `multiStep: milestones[${index}]`;
    const previous = knots[index]?.step ?? 0;
    requireCount(name, step);
    requireThat(step > previous, name, step, `greater than the milestone before it, ${previous}`);
    const value = initial * factor ** (index + 1);
    requireThat(
      Number.isFinite(value),
      'multiStep: factor',
      factor,
      `small enough to keep the value at milestones[${index}] finite`,
    );
    knots.push({ step, value });
  });
  return createSchedule(
    { type: 'multiStep', initial, factor, milestones: Object.freeze([...milestones]) },
    interpolate(knots, 'step'),
  );
}
