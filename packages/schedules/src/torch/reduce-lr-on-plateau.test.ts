import { describe, expect, it } from 'vitest';
import { reduceLROnPlateau, type ReduceLROnPlateauOptions } from './index.ts';

function rates(options: Partial<ReduceLROnPlateauOptions>, metrics: readonly number[]): number[] {
  const { initialState, next } = reduceLROnPlateau({ lr: 8, factor: 0.5, ...options });
  let state = initialState;
  return metrics.map((metric) => (state = next(state, metric)).learningRate);
}

describe('reduceLROnPlateau', () => {
  it('reduces after more than patience metrics that are no better', () => {
    expect(rates({ patience: 1 }, [3, 3, 3, 3, 3])).toEqual([8, 8, 4, 4, 2]);
    expect(rates({ patience: 1 }, [3, 3, 2, 2, 1, 1, 1])).toEqual([8, 8, 8, 8, 8, 8, 4]);
    expect(rates({ patience: 0, mode: 'max' }, [1, 2, 1, 3])).toEqual([8, 8, 4, 4]);
  });

  it('counts none during the cooldown', () => {
    // reduced at the 2nd; the 3rd and 4th are in the cooldown
    expect(rates({ patience: 0, cooldown: 2 }, [3, 3, 3, 3, 3])).toEqual([8, 4, 4, 4, 2]);
  });

  it('wants a metric that is better by the threshold', () => {
    expect(rates({ patience: 0, threshold: 0.5 }, [4, 3, 1.5])).toEqual([8, 4, 4]);
    expect(rates({ patience: 0, threshold: 0.5, thresholdMode: 'abs' }, [4, 3.5, 3])).toEqual([8, 4, 4]);
  });

  it('stops at minLr, and leaves out a reduction of eps or less', () => {
    expect(rates({ patience: 0, minLr: 3 }, [1, 1, 1, 1])).toEqual([8, 4, 3, 3]);
    expect(rates({ patience: 0, eps: 2 }, [1, 1, 1, 1])).toEqual([8, 4, 4, 4]);
  });

  it('has a state of plain JSON', () => {
    const { initialState, next } = reduceLROnPlateau({ lr: 8 });
    expect(initialState).toEqual({ learningRate: 8, best: null, numBadEpochs: 0, cooldownCounter: 0 });
    const state = [3, 2, 5, NaN].reduce(next, initialState);
    expect(state).toEqual({ learningRate: 8, best: 2, numBadEpochs: 2, cooldownCounter: 0 });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it.each<[object, string]>([
    [{ factor: 1 }, 'reduceLROnPlateau: factor must be less than 1, got 1'],
    [{ mode: 'least' }, 'reduceLROnPlateau: mode must be one of min, max, got "least"'],
    [{ patience: -1 }, 'reduceLROnPlateau: patience must be an integer ≥ 0, got -1'],
  ])('refuses %j', (wrong, message) => {
    expect(() => reduceLROnPlateau({ lr: 1, ...wrong })).toThrow(new RangeError(message));
  });
});
