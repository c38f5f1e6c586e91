import { describe, expect, it } from 'vitest';
import { candidatesFor, chooseUse, type Measured } from './tuning-choice.ts';

const listed = (cores: number, batchSize: number) =>
  candidatesFor(cores, batchSize).map(
    ({ intraOpThreads, interOpThreads, towers }) => `${intraOpThreads}×${interOpThreads}/${towers}`,
  );

describe('candidatesFor', () => {
  it.each([
    [1, 3, ['1×1/1', '1×2/1']],
    [2, 3, ['2×2/1', '2×1/1', '1×2/1', '1×1/1']],
    [2, 4, ['2×2/1', '2×1/1', '1×2/1', '1×1/1', '2×2/2', '2×1/2', '1×2/2', '1×1/2']],
    // prettier-ignore
    [8, 1, ['8×8/1', '8×1/1', '8×2/1', '4×8/1', '4×1/1', '4×2/1', '1×8/1', '1×1/1', '1×2/1']],
  ])('on %d cores, batch %d: the default first, then %j', (cores, batchSize, expected) => {
    expect(listed(cores, batchSize)).toEqual(expected);
  });
});

const measured = (roundSeconds: number[], towers = 1, intraOpThreads = 1): Measured => ({
  candidate: { intraOpThreads, interOpThreads: 1, towers },
  roundSeconds,
});

describe('chooseUse', () => {
  const usual = measured([1.0, 1.03, 0.9], 1, 2);

  it('takes the fastest', () => {
    const fast = measured([0.8, 0.9, 0.7]);
    expect(chooseUse([usual, measured([0.85, 0.9, 0.8]), fast])).toBe(fast);
  });

  it.each([
    // 1 / 0.98 = 1.020; 1 / 0.97 = 1.031.
    ['gains 2 %', [0.98, 0.97, 0.98], false],
    ['gains 3.1 %', [0.97, 0.96, 0.98], true],
    ['has a round as slow as the default’s median', [0.5, 0.6, 1.0], false],
    ['has every round below it', [0.5, 0.6, 0.99], true],
    ['is slower', [1.2, 1.3, 1.4], false],
  ])('another that %s', (_, rounds, isChosen) => {
    const other = measured(rounds);
    expect(chooseUse([usual, other])).toBe(isChosen ? other : usual);
  });

  it('takes towers only where they are allowed', () => {
    const towers = measured([0.5, 0.5, 0.5], 2);
    const threads = measured([0.9, 0.9, 0.9]);
    expect(chooseUse([usual, threads, towers])).toBe(threads);
    expect(chooseUse([usual, threads, towers], { allowTowers: true })).toBe(towers);
  });

  it('refuses to choose from nothing', () => {
    expect(() => chooseUse([])).toThrow(RangeError);
  });
});
