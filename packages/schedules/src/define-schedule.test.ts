import { describe, expect, it } from 'vitest';
import { cosineDecayRestarts, exponentialDecay } from './keras/index.ts';
import { fitOneCycle } from './fastai/index.ts';
import { cosineDecaySchedule } from './optax/index.ts';

describe('options beyond what numbers can hold', () => {
  it('end at the largest number', () => {
    const growing = { initialLearningRate: 2, firstDecaySteps: 10, tMul: 1, mMul: 1.1 };
    expect(cosineDecayRestarts(growing).learningRate(80_000)).toBe(Number.MAX_VALUE);
    const decay = cosineDecaySchedule({ initValue: 1e200, decaySteps: 10, alpha: 1e200 });
    expect(decay(10)).toBe(Number.MAX_VALUE);
  });

  it('are a RangeError where no number can be said', () => {
    const { learningRate } = exponentialDecay({ initialLearningRate: 1, decaySteps: 1e-320, decayRate: 1 });
    expect(() => learningRate(7)).toThrow(RangeError);
    expect(() => learningRate(7)).toThrow(
      'value at step 7 must be a number: options are too large or too small',
    );
    const huge = fitOneCycle({ lrMax: 1e300, totalSteps: 10, div: 1e-300 });
    expect(() => huge.learningRate(1)).toThrow(RangeError);
  });
});
