import { expect, it } from 'vitest';
import { largestConvergingRate } from '../index.ts';

const falling = Array.from({ length: 200 }, (_, i) => 2.3 - i / 200);
const flat = Array<number>(200).fill(2.3);
const diverging = [...falling.slice(0, 100), NaN, ...falling.slice(101)];
const run = (learningRate: number, losses: readonly number[]) => ({ learningRate, losses });

it('is the largest rate whose loss begins to fall, in any order', () => {
  const runs = [run(0.3, falling), run(3, flat), run(0.1, falling), run(1, diverging)];
  expect(largestConvergingRate(runs)).toMatchObject({ status: 'found', learningRate: 0.3 });
});

it('asks it of every run at a rate', () => {
  const runs = [run(0.3, falling), run(0.3, flat), run(0.1, falling)];
  expect(largestConvergingRate(runs)).toMatchObject({ learningRate: 0.1 });
});

it('wants a fall of the smoothed loss by a twentieth, over ten updates', () => {
  // Smoothed with 0.98, a straight fall from 1 by 0.002 an update over 200 updates lags about 39 updates behind:
  // to 0.68; a fall by 0.0002 only to 0.97.
  const line = (slope: number) => Array.from({ length: 200 }, (_, i) => 1 - slope * i);
  expect(largestConvergingRate([run(1, line(0.002)), run(2, line(0.0002))])).toMatchObject({
    learningRate: 1,
  });
  expect(largestConvergingRate([run(1, falling), run(2, [9, 8, 7, 6, 5, 4, 3, 2, 1])])).toMatchObject({
    learningRate: 1,
  });
});

it('says when there is none', () => {
  expect(largestConvergingRate([])).toMatchObject({ status: 'no-data' });
  expect(largestConvergingRate([run(1, flat), run(2, []), run(3, diverging)])).toMatchObject({
    status: 'none-converged',
  });
});
