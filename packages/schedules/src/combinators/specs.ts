import type { Schedule, ScheduleSpec } from '../schedule.ts';
import {
  count,
  integer,
  listOf,
  nonNegative,
  number,
  objectOf,
  positive,
  scheduleSpec,
} from '../spec-type.ts';
import type { SpecType } from '../spec-type.ts';
import { clamp, type ClampSpec } from './clamp.ts';
import { extendTo, type ExtendToSpec } from './extend-to.ts';
import { perEpoch, type PerEpochSpec } from './per-epoch.ts';
import { repeat, type RepeatSpec } from './repeat.ts';
import { scale, type ScaleSpec } from './scale.ts';
import { sequence, type SequenceSpec } from './sequence.ts';
import { shift, type ShiftSpec } from './shift.ts';
import { stretch, type StretchSpec } from './stretch.ts';

/** The specifications of schedules that are made of others. */
export type CombinatorSpec =
  ClampSpec | ExtendToSpec | PerEpochSpec | RepeatSpec | ScaleSpec | SequenceSpec | ShiftSpec | StretchSpec;

/** Schedules that are made of others. */
export const combinatorSpecs: Readonly<Record<CombinatorSpec['type'], SpecType>> = {
  clamp: ofSchedule(clamp, { 'minimum?': nonNegative, 'maximum?': nonNegative }),
  extendTo: ofSchedule(extendTo, {
    totalSteps: count,
    newTotalSteps: count,
    step: { ...integer, minimum: 0 },
  }),
  perEpoch: ofSchedule(perEpoch, { stepsPerEpoch: count }, 'stepsPerEpoch'),
  repeat: ofSchedule(repeat, { period: count, 'times?': count }),
  scale: ofSchedule(scale, { factor: nonNegative }, 'factor'),
  sequence: {
    create: ({ parts }: SequenceSpec, read) =>
      sequence(parts.map(({ schedule, steps }) => ({ schedule: read(schedule), steps }))),
    properties: { parts: { ...listOf(objectOf({ schedule: scheduleSpec, 'steps?': count })), minItems: 1 } },
  },
  shift: ofSchedule(shift, { steps: number }, 'steps'),
  stretch: ofSchedule(stretch, { factor: positive }, 'factor'),
};

/** A combinator of one schedule, and of its options or the one `argument` beside it. */
function ofSchedule(
  combine: (schedule: Schedule, given: never) => Schedule,
  properties: SpecType['properties'],
  argument?: string,
): SpecType {
  return {
    create: (spec: Readonly<Record<string, unknown>>, read) => {
      const given = argument === undefined ? spec : spec[argument];
      return combine(read(spec.schedule as ScheduleSpec), given as never);
    },
    properties: { schedule: scheduleSpec, ...properties },
  };
}
