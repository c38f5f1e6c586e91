import { describe, expect, it } from 'vitest';
import { fitPicture, withChannels } from './fit-picture.ts';

/** 7 × 5 grey: pixel `i` is `(37 i + 11 ⌊i / 7⌋) mod 256`. */
const picture = {
  width: 7,
  height: 5,
  channels: 1,
  pixels: Uint8Array.from({ length: 35 }, (_, i) => 37 * i + 11 * Math.floor(i / 7)),
} as const;

describe('fitPicture', () => {
  // Pillow 13.0: crop((1, 0, 5, 5)), crop((0, 0, 6, 5)) and crop((0, 1, 7, 3)), then resize(size, BILINEAR).
  it.each([
    [
      [4, 3],
      [52, 97, 141, 68, 113, 157, 84, 129, 173, 101, 146, 190],
    ],
    [
      [8, 10],
      [
        [0, 15, 37, 59, 81, 104, 126, 148, 170, 185],
        [6, 21, 43, 65, 87, 110, 132, 154, 176, 191],
        [15, 30, 52, 74, 96, 119, 141, 163, 185, 200],
        [24, 39, 61, 83, 105, 128, 150, 172, 194, 209],
        [32, 47, 69, 91, 113, 136, 158, 180, 202, 217],
        [41, 56, 78, 100, 122, 145, 167, 189, 211, 226],
        [50, 65, 87, 109, 131, 154, 176, 198, 220, 235],
        [56, 71, 93, 115, 137, 160, 182, 204, 226, 241],
      ].flat(),
    ],
    [
      [2, 7],
      [14, 51, 88, 125, 162, 199, 236, 28, 65, 102, 139, 176, 213, 250],
    ],
  ] as const)('gives what Pillow gives for %j', (size, expected) => {
    const { width, height, channels, pixels } = fitPicture(picture, size);
    expect([height, width, channels]).toEqual([...size, 1]);
    // Pillow rounds between the two directions.
    expect(pixels).toHaveLength(expected.length);
    expected.forEach((value, i) => {
      expect(Math.abs((pixels[i] ?? NaN) - value)).toBeLessThanOrEqual(1);
    });
  });

  it('averages what falls together', () => {
    const pixels = Uint8Array.of(10, 1, 20, 3, 30, 5, 40, 7, 10, 1, 20, 3, 30, 5, 40, 7);
    const half = fitPicture({ width: 4, height: 2, channels: 1, pixels: pixels.subarray(0, 8) }, [1, 1]);
    // Cut to the columns 1 and 2: 1, 20 and 40 | 5 … the rows are 10 1 20 3 and 30 5 40 7, so 1, 20, 5 and 40.
    expect([...half.pixels]).toEqual([Math.round((1 + 20 + 5 + 40) / 4)]);
  });

  it('keeps a picture of one colour as it is', () => {
    const flat = { width: 9, height: 4, channels: 3, pixels: new Uint8Array(9 * 4 * 3).fill(77) } as const;
    for (const size of [
      [3, 3],
      [16, 2],
      [1, 1],
      [40, 50],
    ] as const) {
      expect(new Set(fitPicture(flat, size).pixels)).toEqual(new Set([77]));
    }
    expect(fitPicture(flat, [4, 9])).toBe(flat);
  });
});

describe('withChannels', () => {
  it('weighs colours as Pillow does, and repeats grey', () => {
    const colour = { width: 1, height: 1, channels: 3, pixels: Uint8Array.of(200, 100, 50) } as const;
    // 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2
    expect([...withChannels(colour, 1).pixels]).toEqual([124]);
    const grey = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(5, 6) } as const;
    expect([...withChannels(grey, 3).pixels]).toEqual([5, 5, 5, 6, 6, 6]);
    expect(withChannels(grey, 1)).toBe(grey);
  });
});
