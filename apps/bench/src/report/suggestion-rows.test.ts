import { analyzeRangeTest } from '@superconvergence/schedules';
import { describe, expect, it } from 'vitest';
import { suggestionHead, suggestionRows } from './suggestion-rows.ts';

const curve = (losses: readonly number[]) =>
  losses.map((validationLoss, i) => ({ learningRate: (i + 1) / 10, validationLoss }));
const valley = curve([9, 8, 7, 6, 5, 4, 3, 4, 5, 6, 7, 8, 9]);
const laterValley = curve([10, 9, 8, 7, 6, 5, 4, 3, 4, 5, 6, 7, 8, 9]);

describe('suggestionRows', () => {
  it('has a rate or a dash for every rule', () => {
    const rows = suggestionRows(analyzeRangeTest(valley));
    expect(rows).toHaveLength(9);
    for (const row of rows) expect(row).toHaveLength(suggestionHead.length);
    expect(rows[0]?.slice(0, 2)).toEqual(['maximum, by validation loss', '0.700']);
    expect(rows[1]).toEqual(['maximum, by accuracy', '–', 'not measured']);
    expect(rows[4]?.slice(0, 2)).toEqual(['minimum for one cycle', '0.0350 to 0.0700']);
  });

  it('shows the band of several tests', () => {
    const rows = suggestionRows(analyzeRangeTest([valley, laterValley]));
    expect(rows[0]?.[1]).toBe('0.700 (2 tests: 0.700 to 0.800)');
  });
});
