import { requireThat } from './checks.ts';
import type { Schedule, ScheduleSpec } from './schedule.ts';
import { oneOf, type SpecType } from './spec-type.ts';

type Make<Options, Made> = (options: Options, read: (spec: ScheduleSpec) => Schedule) => Made;

/** A function that makes a rate and nothing beside it. */
export function rateOnly<Options>(
  make: Make<Options, { readonly learningRate: Schedule }>,
  properties: SpecType['properties'],
): SpecType {
  return { create: (spec: Options, read) => make(spec, read).learningRate, properties };
}

/** A function that makes rate and momentum: `of` says which of them a specification is. */
export function eitherOf<Options>(
  make: Make<Options, { readonly learningRate: Schedule; readonly momentum: Schedule }>,
  properties: SpecType['properties'],
): SpecType {
  const names = ['learningRate', 'momentum'] as const;
  return {
    create: (spec: Options & { of: (typeof names)[number] }, read) =>
      make(spec, read)[
        requireThat(names.includes(spec.of), 'fromSpec: of', spec.of, `one of ${names.join(', ')}`)
      ],
    properties: { of: oneOf(names), ...properties },
  };
}
