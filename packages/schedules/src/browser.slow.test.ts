import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allSpecs } from './all-specs.ts';
import { fromSpec, type ScheduleSpec } from './index.ts';
import { arbitraryOfEveryType } from './testing/arbitrary-all.ts';
import { bundle } from './testing/bundle.ts';
import { runInChromium } from './testing/chromium.ts';

const steps = [-5, 0, 1, 2, 3, 7, 10, 99, 100, 1_000, 12_345, 0.5, 1e9];

it('every schedule has the same values in Chromium as in Node', async () => {
  const cases = Object.values(arbitraryOfEveryType).flatMap((schedules) =>
    fc
      .sample(schedules, { numRuns: 20, seed: 1 })
      .map(({ spec }) => JSON.parse(JSON.stringify(spec)) as ScheduleSpec),
  );
  const program = `
    import { allSpecs } from '../all-specs.ts';
    import { fromSpec } from '../index.ts';
    const values = ${JSON.stringify(cases)}.map((spec) => ${JSON.stringify(steps)}.map(fromSpec(spec, allSpecs)));
    document.body.append(Object.assign(document.createElement('pre'), { textContent: JSON.stringify(values) }));
  `;
  const shown = JSON.parse(await runInChromium(await bundle(program))) as number[][];
  expect(shown).toHaveLength(cases.length);
  for (const [i, spec] of cases.entries()) {
    for (const [j, step] of steps.entries()) {
      const found = shown[i]?.[j] ?? NaN;
      const expected = fromSpec(spec, allSpecs)(step);
      // Another V8 may round a cosine or a power differently in the last place.
      expect(Math.abs(found - expected), JSON.stringify({ spec, step, found, expected })).toBeLessThanOrEqual(
        1e-12 * Math.abs(expected),
      );
    }
  }
});
