import { describe, expect, it } from 'vitest';
import { augmentationDraws } from './augmentation.ts';
import { countUp } from './permutation.ts';

const indices = countUp(20_000);
const all = { padCrop: 4, mirror: true, cutout: 8 } as const;

describe('augmentationDraws', () => {
  it('draws every shift, both mirrors and every cutout equally often', () => {
    const { shifts, mirrors, cutouts } = augmentationDraws({ indices, epoch: 0, seed: 1, augmentation: all });
    for (const axis of [0, 1]) {
      const counts = new Map<number, number>();
      for (let i = axis; i < shifts.length; i += 2)
        counts.set(shifts[i] ?? 0, (counts.get(shifts[i] ?? 0) ?? 0) + 1);
      expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
      // 20,000 / 9 = 2,222 ± 44.
      for (const count of counts.values()) expect(Math.abs(count - 2_222)).toBeLessThan(220);
    }
    // 10,000 ± 71.
    expect(Math.abs(mirrors.reduce((sum, mirror) => sum + mirror, 0) - 10_000)).toBeLessThan(350);
    // The centre is any of the 32 rows and columns; the first pixel lies 4 before it.
    expect(Math.min(...cutouts)).toBe(-4);
    expect(Math.max(...cutouts)).toBe(27);
  });

  it('draws rows, columns, mirror and cutout independently', () => {
    const { shifts, mirrors, cutouts } = augmentationDraws({ indices, epoch: 0, seed: 1, augmentation: all });
    const columns = [
      shifts.filter((_, i) => i % 2 === 0),
      shifts.filter((_, i) => i % 2 === 1),
      mirrors,
      cutouts.filter((_, i) => i % 2 === 0),
      cutouts.filter((_, i) => i % 2 === 1),
    ];
    for (const [i, a] of columns.entries()) {
      // A correlation of 20,000 independent pairs is 0 ± 0.007.
      for (const b of columns.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(0.035);
    }
  });

  it('depends on seed, epoch and index alone', () => {
    const draw = (of: Uint32Array, epoch = 3, seed = 9) =>
      augmentationDraws({ indices: of, epoch, seed, augmentation: all });
    const whole = draw(indices);
    const some = Uint32Array.of(777, 3, 19_999);
    const part = draw(some);
    for (const [i, index] of some.entries()) {
      expect(part.shifts.slice(2 * i, 2 * i + 2)).toEqual(whole.shifts.slice(2 * index, 2 * index + 2));
      expect(part.mirrors[i]).toBe(whole.mirrors[index]);
      expect(part.cutouts.slice(2 * i, 2 * i + 2)).toEqual(whole.cutouts.slice(2 * index, 2 * index + 2));
    }
    expect(draw(indices, 4).shifts).not.toEqual(whole.shifts);
    expect(draw(indices, 3, 10).shifts).not.toEqual(whole.shifts);
    expect(draw(indices, 3, 9 + 2 ** 32).shifts).not.toEqual(whole.shifts);
  });

  it('leaves a draw as it is when another augmentation is switched off', () => {
    const only = (augmentation: object) => augmentationDraws({ indices, epoch: 1, seed: 2, augmentation });
    const whole = only(all);
    expect(only({ mirror: true }).mirrors).toEqual(whole.mirrors);
    expect(only({ padCrop: 4 }).shifts).toEqual(whole.shifts);
    expect(only({ cutout: 8 }).cutouts).toEqual(whole.cutouts);
    expect(only({}).shifts.every((shift) => shift === 0)).toBe(true);
    expect(only({}).mirrors.every((mirror) => mirror === 0)).toBe(true);
  });

  it('alternates: half in epoch 0, the other half in every odd epoch', () => {
    const mirrorsOf = (epoch: number) =>
      augmentationDraws({ indices, epoch, seed: 5, augmentation: { mirror: 'alternating' } }).mirrors;
    const first = mirrorsOf(0);
    expect(Math.abs(first.reduce((sum, mirror) => sum + mirror, 0) - 10_000)).toBeLessThan(350);
    expect(mirrorsOf(1)).toEqual(first.map((mirror) => 1 - mirror));
    expect(mirrorsOf(2)).toEqual(first);
    expect(mirrorsOf(7)).toEqual(mirrorsOf(1));
  });

  it('keeps to the draws of earlier versions', () => {
    const { shifts, mirrors, cutouts } = augmentationDraws({
      indices: Uint32Array.of(0, 1, 49_999),
      epoch: 2,
      seed: 42,
      augmentation: all,
    });
    expect({ shifts: [...shifts], mirrors: [...mirrors], cutouts: [...cutouts] }).toMatchInlineSnapshot(`
      {
        "cutouts": [
          17,
          25,
          27,
          0,
          17,
          0,
        ],
        "mirrors": [
          1,
          1,
          1,
        ],
        "shifts": [
          -2,
          -2,
          3,
          -3,
          0,
          -1,
        ],
      }
    `);
  });

  it.each([
    [{ padCrop: -1 }, 'augmentation.padCrop must be an integer from 0 to 31; got -1'],
    [{ padCrop: 32 }, 'augmentation.padCrop must be an integer from 0 to 31; got 32'],
    [{ cutout: 40 }, 'augmentation.cutout must be an integer from 0 to 32; got 40'],
    [
      { mirror: 'sometimes' as 'alternating' },
      'augmentation.mirror must be true, false or \'alternating\'; got "sometimes"',
    ],
  ])('refuses %o', (augmentation, message) => {
    expect(() => augmentationDraws({ indices, epoch: 0, seed: 1, augmentation })).toThrow(
      new RangeError(message),
    );
  });

  it('refuses an epoch or a seed that is no counter', () => {
    expect(() => augmentationDraws({ indices, epoch: -1, seed: 1, augmentation: all })).toThrow(
      /epoch must be .* got -1/,
    );
    expect(() => augmentationDraws({ indices, epoch: 0, seed: 0.5, augmentation: all })).toThrow(
      /seed must be .* got 0.5/,
    );
  });
});

function correlation(a: Int32Array, b: Int32Array): number {
  const meanOf = (values: Int32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const [da, db] = [value - meanA, (b[i] ?? 0) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}
