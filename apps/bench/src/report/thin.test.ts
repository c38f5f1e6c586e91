import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thin, type Position } from './thin.ts';

describe('thin', () => {
  it('keeps the first, lowest, highest and last point of a column, in their order', () => {
    const points: Position[] = [[0, 5], [0.1, 9], [0.2, 6], [0.3, 1], [0.4, 4], [0.5, 7], [1, 3]]; // prettier-ignore
    expect(thin(points, 1)).toEqual([[0, 5], [0.1, 9], [0.3, 1], [0.5, 7], [1, 3]]); // prettier-ignore
  });

  it('keeps a single spike among thousands of points', () => {
    const points = Array.from({ length: 10_000 }, (_, i): Position => [i / 100, i === 4_321 ? 50 : 0]);
    expect(thin(points, 1)).toContainEqual([43.21, 50]);
    expect(thin(points, 1).length).toBeLessThanOrEqual(400);
  });

  it('keeps a subset in order, at most four a column, with the extremes of every column', () => {
    const coordinate = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 300 }), (list) => {
        const points = list.sort(([a], [b]) => a - b);
        const kept = thin(points, 1);
        expect(points.filter((point) => kept.includes(point))).toEqual(kept);
        for (let column = 0; column <= 20; column += 1) {
          const ys = (of: Position[]) => of.filter(([x]) => Math.floor(x) === column).map(([, y]) => y);
          expect(ys(kept).length).toBeLessThanOrEqual(4);
          expect(Math.min(...ys(kept))).toBe(Math.min(...ys(points)));
          expect(Math.max(...ys(kept))).toBe(Math.max(...ys(points)));
        }
      }),
    );
  });
});
