import { requireCount, requireThat } from '../checks.ts';
import { resolveOptions, type Properties } from '../resolve-options.ts';
import { createSchedule, type Schedule } from '../schedule.ts';
import { listOf, nonNegative } from '../spec-type.ts';
import type { CaffeSpec } from './specs.ts';

/** What every policy takes beside its own options: the solver's momentum. */
export type CaffeMomentumOptions = {
  /** From 0 to 1. Without it there is no momentum schedule. */
  readonly momentum?: number;
  /**
   * `[minimum, stepSize]`: momentum goes from `momentum` down to `minimum` in `stepSize` iterations, up again in as
   * many, and on in dips that are each half as deep as the one before.
   */
  readonly cyclicalMomentum?: readonly [number, number];
};

/** A schedule for the rate; one for the momentum where `momentum` was given. */
export type CaffeSchedules = { readonly learningRate: Schedule; readonly momentum?: Schedule };

/** The part of a specification that every policy has. */
export type CaffeSpecBase = CaffeMomentumOptions & { readonly of: 'learningRate' | 'momentum' };

const unit = { ...nonNegative, maximum: 1 };
const minimumAndStepSize = { ...listOf(nonNegative), minItems: 2, maxItems: 2 };
/** The schemas of {@link CaffeMomentumOptions}. */
export const momentumProperties: Properties = {
  'momentum?': unit,
  'cyclicalMomentum?': minimumAndStepSize,
};

/** The two schedules of a policy, from its options and the closed form of its rate. */
export function caffePolicy<Spec extends CaffeSpec>(
  type: Spec['type'],
  properties: Properties,
  options: Omit<Spec, 'type' | 'of'>,
  rateOf: (spec: Spec) => (iteration: number) => number,
): CaffeSchedules {
  const spec = resolve(type, properties, options);
  const learningRate = createSchedule({ ...spec, of: 'learningRate' }, fromZero(rateOf(spec)));
  if (spec.momentum === undefined) return { learningRate };
  const momentum = createSchedule({ ...spec, of: 'momentum' }, fromZero(momentumOf(spec.momentum, spec)));
  return { learningRate, momentum };
}

/** How far iteration t is up the triangle: 0 at even multiples of `stepSize`, 1 at odd ones. */
export function height(iteration: number, stepSize: number): number {
  return 1 - Math.abs((iteration % (2 * stepSize)) / stepSize - 1);
}

/** {@link height} with every triangle half as high as the one before. */
export function halvingHeight(iteration: number, stepSize: number): number {
  return height(iteration, stepSize) / 2 ** Math.floor(iteration / (2 * stepSize));
}

/** `from` at share 0, `to` at share 1, both exact, and never outside them. */
export function mix(from: number, to: number, share: number): number {
  const value = from + (to - from) * share;
  if (share === 1) return to;
  return from < to ? Math.min(value, to) : Math.max(value, to);
}

function resolve<Spec extends CaffeSpec>(
  type: Spec['type'],
  properties: Properties,
  options: Omit<Spec, 'type' | 'of'>,
): Spec {
  const { momentum, cyclicalMomentum } = options;
  const given = {
    ...properties,
    ...(momentum !== undefined && { momentum: unit }),
    ...(cyclicalMomentum && { cyclicalMomentum: minimumAndStepSize }),
  };
  if (cyclicalMomentum) {
    const name = `${type.replace('caffe.', '')}: cyclicalMomentum`;
    const [minimum = NaN, stepSize = NaN, ...rest] = cyclicalMomentum as readonly number[];
    const ok = rest.length === 0 && minimum <= (momentum ?? -1);
    requireThat(ok, name, cyclicalMomentum, '[minimum, stepSize], with momentum ≥ minimum');
    requireCount(`${name}[1]`, stepSize);
  }
  return resolveOptions<Spec>(type, given, options);
}

function momentumOf(
  momentum: number,
  { cyclicalMomentum }: CaffeMomentumOptions,
): (iteration: number) => number {
  if (!cyclicalMomentum) return () => momentum;
  const [minimum, stepSize] = cyclicalMomentum;
  return (iteration) => mix(momentum, minimum, halvingHeight(iteration, stepSize));
}

function fromZero(evaluate: (iteration: number) => number): (step: number) => number {
  return (step) => Math.min(evaluate(Math.max(step, 0)), Number.MAX_VALUE);
}
