import { describe, expect, test } from 'vitest';
import { randomGenerator } from './random-generator.ts';

const NUM_DRAWS = 100_000;

describe('randomGenerator', () => {
  test('the same seed and label repeat, others are unrelated', () => {
    const first = draws(randomGenerator(1, 'a').uniform, NUM_DRAWS);
    expect(draws(randomGenerator(1, 'a').uniform, NUM_DRAWS)).toEqual(first);
    for (const other of [randomGenerator(2, 'a'), randomGenerator(1, 'b'), randomGenerator(0, 'a')]) {
      // Correlation of independent draws: 0 ± 1/√n; five of these.
      expect(Math.abs(correlation(first, draws(other.uniform, NUM_DRAWS)))).toBeLessThan(
        5 / Math.sqrt(NUM_DRAWS),
      );
    }
  });

  test('uniform numbers fill (0, 1) evenly', () => {
    const counts = new Array<number>(20).fill(0);
    for (const value of draws(randomGenerator(3, 'u').uniform, NUM_DRAWS)) {
      const bin = Math.floor(value * 20);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(counts).toHaveLength(20);
    const expected = NUM_DRAWS / 20;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 19 degrees of freedom: 45 is exceeded once in 1,500 seeds.
    expect(chiSquare).toBeLessThan(45);
  });

  test('normal numbers have the moments of a normal distribution', () => {
    const values = new Float32Array(NUM_DRAWS + 1);
    randomGenerator(4, 'n').fillNormal(values, 2);
    const moment = (power: number): number =>
      values.reduce((sum, value) => sum + (value / 2) ** power, 0) / values.length;
    // Standard errors: √(1/n), √(2/n), √(15/n), √(96/n); five of each.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / NUM_DRAWS));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / NUM_DRAWS));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / NUM_DRAWS));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / NUM_DRAWS));
    expect(values.at(-1)).not.toBe(0);
  });

  test('fillUniform stays within its limit and reaches both ends', () => {
    const values = new Float32Array(NUM_DRAWS);
    randomGenerator(5, 'f').fillUniform(values, 0.25);
    expect(Math.max(...values.slice(0, 10_000))).toBeGreaterThan(0.2499);
    expect(Math.min(...values.slice(0, 10_000))).toBeLessThan(-0.2499);
    expect(values.every((value) => Math.abs(value) <= 0.25)).toBe(true);
  });

  test('the stream never changes: weights of published seeds depend on it', () => {
    const { uniform } = randomGenerator(42, 'stem/conv/kernel');
    expect(draws(uniform, 3).map((value) => Math.floor(value * 2 ** 32))).toMatchInlineSnapshot(`
      [
        3226415,
        1739136664,
        3035188887,
      ]
    `);
  });
});

function draws(next: () => number, count: number): number[] {
  return Array.from({ length: count }, next);
}

function correlation(a: number[], b: number[]): number {
  const product = a.reduce((sum, value, index) => sum + (value - 0.5) * ((b[index] ?? NaN) - 0.5), 0);
  return (product / a.length) * 12;
}
