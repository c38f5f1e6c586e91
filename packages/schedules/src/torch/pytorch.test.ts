import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from './index.ts';
import type { Schedule } from '../index.ts';

type Options = Readonly<Record<string, unknown>>;
/** See fixtures/pytorch/schedules.py. */
type Case = {
  readonly scheduler: keyof typeof makers;
  readonly options: Options & { readonly schedulers?: readonly Case[] };
  readonly count: number;
  readonly stride?: number;
  readonly learningRate: readonly number[];
  readonly momentum?: readonly number[];
  readonly raises?: { readonly class: string; readonly step: number };
};
type Plateau = {
  readonly options: torch.ReduceLROnPlateauOptions;
  readonly metrics: readonly (number | null)[];
  readonly learningRate?: readonly number[];
  readonly raises?: object;
};

const fixture = new URL('../../../../fixtures/pytorch/schedules.json', import.meta.url);
const { schedules, plateaus } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly schedules: readonly Case[];
  readonly plateaus: readonly Plateau[];
};

const { reduceLROnPlateau, ...makers } = torch;

const functions: Readonly<Record<string, (n: number) => number>> = {
  inverse: (n) => 1 / (1 + n),
  falling: (n) => 1 - n / 4,
  alternating: (n) => (n % 2 === 1 ? 1.5 : 0.25),
};

function make(
  { scheduler, options }: Pick<Case, 'scheduler' | 'options'>,
  strict: boolean,
): torch.TorchSchedules {
  const entries = Object.entries(options).map(([key, value]) => {
    if (key === 'schedulers') return [key, (value as readonly Case[]).map((part) => make(part, strict))];
    return [key, ['lrLambda', 'scaleFn'].includes(key) ? functions[value as string] : value];
  });
  const maker = makers[scheduler] as (options: unknown) => torch.TorchSchedules;
  return maker({ ...Object.fromEntries(entries), strict });
}

/** The steps of which the fixture has values. */
function stepsOf({ count, stride = 1 }: Case): number[] {
  return [...Array(count).keys()].filter((n) => n % stride === 0 || n >= count - 20);
}

/** Whether a case must agree in every bit. */
function isExact({ scheduler, options }: Case): boolean {
  if (scheduler === 'oneCycleLR') return options.annealStrategy === 'linear';
  return scheduler === 'cyclicLR' && options.mode !== 'exp_range';
}

function expectValues(found: number[], expected: readonly number[], exact: boolean): void {
  if (exact) expect(found).toEqual(expected);
  else expect(found.map(Math.fround)).toEqual(expected.map(Math.fround));
}

const title = ({ scheduler, options }: { scheduler?: string; options: object }): string =>
  `${scheduler ?? ''} ${JSON.stringify(options)}`;

describe('with strict, the values of PyTorch', () => {
  it.each(schedules.filter(({ count }) => count > 1).map((one) => [title(one), one] as const))(
    '%s',
    (_, one) => {
      if (one.raises && ['stepLR', 'cosineAnnealingLR'].includes(one.scheduler)) {
        expect(() => make(one, true)).toThrow(RangeError);
        return;
      }
      const { learningRate, momentum } = make(one, true);
      const steps = stepsOf(one);
      expectValues(steps.map(learningRate), one.learningRate, isExact(one));
      if (one.momentum) expectValues(steps.map(momentum as Schedule), one.momentum, isExact(one));
      else expect(momentum).toBeUndefined();
      if (one.raises && one.scheduler === 'oneCycleLR') {
        expect(() => learningRate(one.count)).toThrow(RangeError);
      }
    },
  );
});

describe('without strict, the values of PyTorch within the run, but 0 for negative ones', () => {
  const known = ['oneCycleLR', 'cyclicLR', 'lambdaLR'];
  const runs = schedules.filter(({ scheduler, count }) => known.includes(scheduler) && count > 1);
  it.each(runs.map((one) => [title(one), one] as const))('%s', (_, one) => {
    const { learningRate, momentum } = make(one, false);
    // torch allows one step more than the run has.
    const { totalSteps = 3 * 7 } = one.options as { totalSteps?: number };
    const end = one.scheduler === 'oneCycleLR' ? totalSteps : Infinity;
    const steps = stepsOf(one).filter((n) => n < end);
    const expected = (values: readonly number[] = []): number[] =>
      values.slice(0, steps.length).map((value) => Math.max(value, 0));
    expectValues(steps.map(learningRate), expected(one.learningRate), isExact(one));
    if (momentum) expectValues(steps.map(momentum), expected(one.momentum), isExact(one));
    if (end < Infinity) expect([end, 1e9].map(learningRate)).toEqual([end - 1, end - 1].map(learningRate));
  });
});

describe('a RangeError at construction where PyTorch raises', () => {
  const raising = schedules.filter(({ raises }) => raises?.step === -1);
  it.each(raising.map((one) => [title(one), one] as const))('%s', (_, one) => {
    expect(() => make(one, true)).toThrow(RangeError);
  });
});

describe('reduceLROnPlateau has the rates of PyTorch', () => {
  it.each(plateaus.map((one) => [title(one), one] as const))(
    '%s',
    (_, { options, metrics, learningRate, raises }) => {
      if (raises) {
        expect(() => reduceLROnPlateau(options)).toThrow(RangeError);
        return;
      }
      const { initialState, next } = reduceLROnPlateau(options);
      let state = initialState;
      const rates = metrics.map((metric) => {
        state = JSON.parse(JSON.stringify(next(state, metric ?? NaN))) as torch.ReduceLROnPlateauState;
        return state.learningRate;
      });
      expect(rates).toEqual(learningRate);
    },
  );
});
