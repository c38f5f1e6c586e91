import { setImmediate } from 'node:timers/promises';
import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CifarError } from '../errors.ts';
import { altered, wholeOf } from './alter.ts';
import { countAllocations } from './count-allocations.ts';
import { parsersUnderTest } from './parsers-under-test.ts';

const seed = 20_180_326;
/**
 * What all inputs of one parser together may add to the largest memory: rubbish that was not collected yet, plain arrays
 * and zlib's memory, which `countAllocations` does not see.
 */
const mostMegabytes = 512;
/** For one input, beside what its bytes allow: zlib streams have a buffer of 16 kB. */
const mostBytesBeside = 65_536;
/** For one input; they take milliseconds. */
const mostMilliseconds = 5_000;

/**
 * Tests every parser with `numRuns` altered inputs: a sound result or a {@link CifarError}, nothing else, soon, and
 * without asking for more memory than the input can fill. A failure names its input.
 */
export function describeAlteredInputs(numRuns: number): void {
  describe.each(parsersUnderTest)(
    `${numRuns} altered inputs: $name`,
    ({ samples, isSound, mostBytesPerByte }) => {
      it('takes what it was made for', async () => {
        for (const sample of samples) {
          expect(await outcomeOf(() => isSound(wholeOf(sample)))).toBe('sound');
        }
      });

      it('gives a sound result or a typed error', async () => {
        const before = process.resourceUsage().maxRSS;
        const counts = { sound: 0, refused: 0 };
        const allocations = countAllocations();
        const property = fc.asyncProperty(altered(samples), async (bytes) => {
          const startedAt = performance.now();
          const bytesBefore = allocations.bytes;
          counts[await outcomeOf(() => isSound(bytes))] += 1;
          const mostBytes = mostBytesBeside + mostBytesPerByte * bytes.length;
          expect(allocations.bytes - bytesBefore, 'bytes allocated').toBeLessThanOrEqual(mostBytes);
          expect(performance.now() - startedAt, 'milliseconds').toBeLessThan(mostMilliseconds);
          // zlib lets go of its memory in a later turn.
          if ((counts.sound + counts.refused) % 50 === 0) await setImmediate();
        });
        try {
          await fc.assert(property, { numRuns, seed, endOnFailure: true });
        } finally {
          allocations.stop();
        }
        expect(counts.refused).toBeGreaterThan(numRuns / 10);
        expect(counts.sound).toBeGreaterThan(0);
        // In kilobytes.
        expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(mostMegabytes);
      });
    },
  );
}

/** @throws whatever is neither a sound result nor a {@link CifarError} about the input */
async function outcomeOf(isSound: () => boolean | Promise<boolean>): Promise<'sound' | 'refused'> {
  try {
    expect(await withDeadline(isSound)).toBe(true);
    return 'sound';
  } catch (error) {
    if (error instanceof CifarError && ['corrupt', 'unusable'].includes(error.code)) return 'refused';
    throw error;
  }
}

const script = new Script('action()');
const scope = createContext({ action: undefined as unknown });

/** Ends `action` with an error also when it never returns, which no timer could. */
function withDeadline<T>(action: () => T): T {
  scope.action = action;
  return script.runInContext(scope, { timeout: mostMilliseconds }) as T;
}
