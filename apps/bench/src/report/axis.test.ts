import { describe, expect, it } from 'vitest';
import { createAxis, type ScaleKind } from './axis.ts';

function labels(values: number[], kind: ScaleKind, { tickCount = 5, slack = 1 } = {}): string[] {
  return createAxis(values, kind, [0, 100], { tickCount, slack }).ticks.map(
    ({ text, exponent }) => text + (exponent === undefined ? '' : `^${exponent}`),
  );
}

describe('createAxis', () => {
  it('extends a linear axis to whole ticks only within its slack', () => {
    const place = (slack: number) =>
      createAxis([0, 3.9], 'linear', [0, 100], { tickCount: 4, slack }).place(3.9);
    expect(place(1)).toBeCloseTo(97.5); // 3.9 of 4
    expect(place(0.01)).toBe(100); // 0.1 is more than 1 % of 3.9
  });

  it('labels ticks so that neighbours can be told apart', () => {
    expect(labels([0, 10_000], 'linear')).toEqual(['0', '2,000', '4,000', '6,000', '8,000', '10,000']);
    expect(labels([0.2, 2], 'linear', { slack: 0 })).toEqual(['0.5', '1.0', '1.5', '2.0']);
    expect(labels([0, 0.0001], 'linear')).toEqual([
      '0',
      '2·10^−5',
      '4·10^−5',
      '6·10^−5',
      '8·10^−5',
      '1·10^−4',
    ]);
  });

  it('labels decades, and steps within few of them', () => {
    expect(labels([0.001, 10], 'log')).toEqual(['0.001', '0.01', '0.1', '1', '10']);
    expect(labels([0.1, 10], 'log')).toEqual(['0.1', '0.3', '1', '3', '10']);
    expect(labels([1, 20], 'log')).toEqual(['1', '2', '5', '10', '20']);
    expect(labels([1e-7, 10], 'log')).toEqual(['10^−6', '10^−4', '10^−2', '1']);
  });

  it('falls back to a linear division where a log axis spans next to nothing', () => {
    expect(labels([1.1, 1.3], 'log').length).toBeGreaterThan(2);
  });

  it('has a place only for what it can show', () => {
    const { place } = createAxis([-1, 0, NaN, Infinity, 1, 100], 'log', [0, 100], { tickCount: 5, slack: 0 });
    expect([-1, 0, NaN, Infinity].map(place)).toEqual([NaN, NaN, NaN, NaN]);
    expect([1, 10, 100].map(place)).toEqual([0, 50, 100]);
  });

  it.each<[number[], ScaleKind]>([
    [[], 'linear'],
    [[], 'log'],
    [[NaN], 'linear'],
    [[-3, -3], 'linear'],
    [[0, 0], 'linear'],
    [[0.1], 'log'],
  ])('makes room around %j on a %s axis', (values, kind) => {
    const axis = createAxis(values, kind, [0, 100], { tickCount: 5, slack: 1 });
    expect(axis.ticks.length).toBeGreaterThan(1);
    for (const value of values.filter(Number.isFinite)) expect(axis.place(value)).toBeCloseTo(50);
  });
});
