import fc from 'fast-check';
import type { CombinatorSpec } from '../combinators/specs.ts';
import {
  clamp,
  extendTo,
  perEpoch,
  repeat,
  scale,
  sequence,
  shift,
  stretch,
  type Schedule,
} from '../index.ts';

const count = fc.integer({ min: 1, max: 10_000 });
const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });

/** For each combinator, an arbitrary of it over an arbitrary of schedules. */
export const arbitraryCombinators: Readonly<
  Record<CombinatorSpec['type'], (inner: fc.Arbitrary<Schedule>) => fc.Arbitrary<Schedule>>
> = {
  clamp: (inner) =>
    fc
      .tuple(inner, double(-0, 9), optional(double(0, 9)))
      .map(([schedule, minimum, room]) =>
        clamp(schedule, { minimum, ...(room !== undefined && { maximum: minimum + room }) }),
      ),
  extendTo: (inner) =>
    fc
      .tuple(inner, count, count, fc.nat(20_000))
      .map(([schedule, left, newLeft, step]) =>
        extendTo(schedule, { totalSteps: step + left, newTotalSteps: step + newLeft, step }),
      ),
  perEpoch: (inner) => fc.tuple(inner, count).map(([schedule, steps]) => perEpoch(schedule, steps)),
  repeat: (inner) =>
    fc
      .tuple(inner, count, optional(count))
      .map(([schedule, period, times]) => repeat(schedule, { period, ...(times && { times }) })),
  scale: (inner) => fc.tuple(inner, double(-0, 10)).map(([schedule, factor]) => scale(schedule, factor)),
  sequence: (inner) =>
    fc
      .tuple(
        fc.array(fc.record({ schedule: inner, steps: count }), { maxLength: 3 }),
        fc.record({ schedule: inner, steps: optional(count) }),
      )
      .map(([parts, last]) => sequence([...parts, last])),
  shift: (inner) => fc.tuple(inner, double(-1e9, 1e9)).map(([schedule, steps]) => shift(schedule, steps)),
  stretch: (inner) =>
    fc.tuple(inner, double(1e-300, 1e300)).map(([schedule, factor]) => stretch(schedule, factor)),
};

/** Combinators of combinators of the `plain` schedules, to any depth that fast-check thinks fit. */
export function arbitraryNested(plain: fc.Arbitrary<Schedule>): fc.Arbitrary<Schedule> {
  return fc.letrec<{ schedule: Schedule }>((tie) => ({
    schedule: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      plain,
      ...Object.values(arbitraryCombinators).map((combinator) => combinator(tie('schedule'))),
    ),
  })).schedule;
}
