import { describe, expect, it } from 'vitest';
import { philox, philoxWithKey, scaleToBound } from './philox.ts';

const ones = 0xffffffff;

describe('philox', () => {
  // Known answers of Random123 (kat_vectors, philox4x32 10).
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      counter: [ones, ones, ones, ones],
      key: [ones, ones],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the published numbers for key $key', ({ counter, key, expected }) => {
    const out = new Uint32Array(4);
    philoxWithKey(out, key, counter);
    expect([...out]).toEqual(expected);
  });

  it('takes the seed as a 64-bit key, low word first', () => {
    const [bySeed, byKey] = [new Uint32Array(4), new Uint32Array(4)];
    philox(bySeed, 5 * 2 ** 32 + 7, [1, 2, 3, 4]);
    philoxWithKey(byKey, [7, 5], [1, 2, 3, 4]);
    expect(bySeed).toEqual(byKey);
  });
});

describe('scaleToBound', () => {
  it('covers 0 … bound − 1', () => {
    expect(scaleToBound(0, 9)).toBe(0);
    expect(scaleToBound(ones, 9)).toBe(8);
    expect(scaleToBound(2 ** 31, 9)).toBe(4);
  });
});
