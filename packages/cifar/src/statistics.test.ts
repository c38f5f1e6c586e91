import { describe, expect, it } from 'vitest';
import { channelStatistics, meanImage } from './statistics.ts';
import { makeDataset } from './testing/cifar10.ts';

describe('channelStatistics', () => {
  it('equals the plain sums', () => {
    const dataset = makeDataset(7);
    const { mean, std } = channelStatistics(dataset, Uint32Array.of(2, 5));
    for (const channel of [0, 1, 2]) {
      const values = [2, 5].flatMap((index) =>
        [...dataset.images.subarray(index * 3072, (index + 1) * 3072)].filter((_, i) => i % 3 === channel),
      );
      const plainMean = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value / 255 - plainMean) ** 2, 0) / values.length;
      expect(mean[channel]).toBeCloseTo(plainMean, 12);
      expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
    }
  });

  it('refuses indices that are not there', () => {
    expect(() => channelStatistics(makeDataset(7), Uint32Array.of(7))).toThrow(
      /below the number of examples, 7; got 7/,
    );
    expect(() => channelStatistics(makeDataset(7), new Uint32Array(0))).toThrow(/empty/);
  });
});

describe('meanImage', () => {
  it('is the mean of each pixel', () => {
    const dataset = makeDataset(7);
    const result = meanImage(dataset, Uint32Array.of(1, 6));
    expect(result).toHaveLength(3072);
    for (const i of [0, 1, 3071]) {
      const [a = 0, b = 0] = [dataset.images[3072 + i], dataset.images[6 * 3072 + i]];
      expect(result[i]).toBe(Math.fround((a + b) / 2 / 255));
    }
  });
});
