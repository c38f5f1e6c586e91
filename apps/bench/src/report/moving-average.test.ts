import { expect, it } from 'vitest';
import { movingAverage } from './moving-average.ts';

it('averages each point with its neighbours, the same number on both sides', () => {
  // 1 alone at the ends; (1 + 4 + 7)/3 = 4, (4 + 7 + 1)/3 = 4
  expect(movingAverage([[0, 1], [1, 4], [2, 7], [3, 1]], 3)).toEqual([[0, 1], [1, 4], [2, 4], [3, 1]]); // prettier-ignore
});

it('does not bend a straight line', () => {
  const line = Array.from({ length: 20 }, (_, i): [number, number] => [i, 3 * i]);
  expect(movingAverage(line, 7)).toEqual(line);
});

it('leaves a gap a gap, and out of its neighbours’ means', () => {
  expect(movingAverage([[0, 2], [1, NaN], [2, 4], [3, 6], [4, 8]], 3)).toEqual([[0, 2], [1, NaN], [2, 5], [3, 6], [4, 8]]); // prettier-ignore
});
