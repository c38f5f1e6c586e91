import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CifarError } from '../errors.ts';
import { altered, wholeOf } from './alter.ts';
import { parsersUnderTest } from './parsers-under-test.ts';

const seed = 20_180_326;
/** What all inputs of one parser together may add to the largest memory: rubbish that was not collected yet. */
const mostMegabytes = 512;

/** Tests every parser with `numRuns` altered inputs: a sound result or a {@link CifarError}, nothing else. */
export function describeAlteredInputs(numRuns: number): void {
  describe.each(parsersUnderTest)(`${numRuns} altered inputs: $name`, ({ samples, isSound }) => {
    it('takes what it was made for', async () => {
      const outcomes = await Promise.all(samples.map((sample) => outcomeOf(() => isSound(wholeOf(sample)))));
      expect(new Set(outcomes)).toEqual(new Set(['sound']));
    });

    it('gives a sound result or a typed error', async () => {
      const before = process.resourceUsage().maxRSS;
      const counts = { sound: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(altered(samples), async (bytes) => {
          counts[await outcomeOf(() => isSound(bytes))] += 1;
          // zlib lets go of its memory in a later turn.
          if ((counts.sound + counts.refused) % 50 === 0) await setImmediate();
        }),
        { numRuns, seed, endOnFailure: true },
      );
      expect(counts.sound + counts.refused).toBe(numRuns);
      expect(counts.refused).toBeGreaterThan(numRuns / 10);
      expect(counts.sound).toBeGreaterThan(0);
      // In kilobytes.
      expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(mostMegabytes);
    });
  });
}

/** @throws whatever is neither a sound result nor a {@link CifarError} about the input */
async function outcomeOf(isSound: () => boolean | Promise<boolean>): Promise<'sound' | 'refused'> {
  try {
    expect(await isSound()).toBe(true);
    return 'sound';
  } catch (error) {
    if (error instanceof CifarError && ['corrupt', 'unusable'].includes(error.code)) return 'refused';
    throw error;
  }
}
