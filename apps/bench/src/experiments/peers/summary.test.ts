import { describe, expect, it } from 'vitest';
import { median, summariseContender } from './summary.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 2, 10], 3],
    [[], NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('summariseContender', () => {
  it('takes the median of the rounds, weighs steps with the batch and counts every operation twice', () => {
    const round = (steps: number, seconds: number) =>
      ({ event: 'round', steps, seconds, cpuSeconds: seconds, loss: 1 }) as const;
    const ready = {
      event: 'ready',
      secondsFirstStep: 2,
      loss: 2.5,
      parameters: 10,
      versions: { torch: '2' },
      settings: 'eager',
    } as const;
    const row = summariseContender(
      {
        contender: 'torch-eager',
        process: { ready, secondsToFirstStep: 5 },
        losses: [2.5, 2.4],
        rounds: [round(10, 5), round(10, 2), round(30, 5)],
        done: { event: 'done', peakRssBytes: 123 },
      },
      { batchSize: 8, multiplyAccumulatesPerImage: 1e9 },
    );
    // 80 images in 5 s, 80 in 2 s, 240 in 5 s; 48 images/s × 2 × 1 G.
    expect(row.roundImagesPerSecond).toEqual([16, 40, 48]);
    expect(row.imagesPerSecond).toBe(40);
    expect(row.gflopsPerSecond).toBe(80);
    expect(row).toMatchObject({ secondsToFirstStep: 5, secondsFirstStep: 2, peakRssBytes: 123 });
  });
});
