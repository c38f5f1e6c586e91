import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSpec, type ScheduleSpec } from '../index.ts';
import { torchSpecs } from './specs.ts';
import { arbitraryTorch } from '../testing/arbitrary-torch.ts';

const steps = [-1e9, -1, 0, 0.5, 1, 2, 3, 7, 10, 99.5, 100, 12_345, 1e9, 1e300, Number.MAX_VALUE];

describe.each(Object.entries(arbitraryTorch))('%s without strict', (type, arbitrary) => {
  it('is finite and never negative, far outside of the run too, and holds its first value before it', () => {
    fc.assert(
      fc.property(arbitrary, (schedule) => {
        expect(steps.map(schedule).filter((one) => !(one >= 0 && one < Infinity))).toEqual([]);
        expect([-1e9, -3].map(schedule)).toEqual([schedule(0), schedule(0)]);
      }),
      { numRuns: 300 },
    );
  });

  it('is made again from its spec as JSON', () => {
    fc.assert(
      fc.property(arbitrary, (schedule) => {
        const copy = fromSpec(JSON.parse(JSON.stringify(schedule.spec)) as ScheduleSpec, torchSpecs);
        expect(schedule.spec.type).toBe(type);
        expect(copy.spec).toEqual(schedule.spec);
        expect(steps.map(copy)).toEqual(steps.map(schedule));
      }),
    );
  });
});
