import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromSolver, type CaffeSolver } from './index.ts';

type Run = {
  readonly run: string;
  readonly solver: Partial<CaffeSolver>;
  readonly columns: readonly string[];
  readonly points: readonly (readonly (number | null)[])[];
};

const folder = new URL('../../../../fixtures/smith-logs/', import.meta.url);

function runsIn(name: string): Run[] {
  const files = readdirSync(new URL(name, folder)).filter((file) => file.endsWith('.json'));
  return files.map((file) => JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8')) as Run);
}

/** Iteration and value where the column has one. */
function column({ columns, points }: Run, name: string): (readonly [number, number])[] {
  const [time, value] = [columns.indexOf('iteration'), columns.indexOf(name)];
  if (value < 0) return [];
  return points.flatMap((point) => {
    const [iteration, logged] = [point[time], point[value]];
    return typeof iteration === 'number' && typeof logged === 'number' ? [[iteration, logged] as const] : [];
  });
}

/**
 * Half a unit in the last of the six digits that Caffe prints, and the rounding of its single precision: the value by
 * up to 2⁻²³ of itself (0.1·0.94³⁹ = 0.00895336502 is printed as 0.00895336), and where the schedule moves by 2⁻²⁴ of
 * the largest one, because that is the rounding of the position in a cycle, t/S from 0 to 2. (The log of S = 95,000 has
 * 0.00526321 at 189,500: that is 2 − t/S in single precision, which is 0.00526316 otherwise.)
 */
function tolerance(logged: number, moving: boolean, largest: number): number {
  const halfDigit = logged === 0 ? 0 : 0.5 * 10 ** (Math.floor(Math.log10(logged)) - 5);
  return halfDigit + logged * 2 ** -23 + (moving ? largest * 2 ** -24 : 0);
}

function expectColumn(logged: (readonly [number, number])[], schedule: (step: number) => number): void {
  const largest = Math.max(...logged.map(([, value]) => value));
  const wrong = logged.filter(([iteration, value]) => {
    const moving = schedule(iteration) !== schedule(iteration + 1);
    return !(Math.abs(schedule(iteration) - value) <= tolerance(value, moving, largest));
  });
  expect(wrong).toEqual([]);
}

const cycle = { lr_policy: '1cycle', base_lr: 0.05, max_lr: 1, momentum: 0.95 };
const steps = { lr_policy: 'step', base_lr: 0.1, gamma: 0.94, stepsize: 20_000, momentum: 0.9 };
/** The slope of its momentum is a tenth of what its rate suggests: one zero too many in the second step size. */
const inceptionCycle = { ...cycle, stepsize: 108_000, cyclical_momentum: [0.85, 1_080_000] };

/**
 * The ImageNet logs do not print their solver's settings. These are read off the columns: the base rate at iteration
 * 0, the step size where the rate is highest, the drops of a `step` run one by one.
 */
const solverOfImageNetRun: Readonly<Record<string, CaffeSolver>> = {
  'inception-resnetCM9585CLR.051WD1e-5BS28_20Epochs_1': inceptionCycle,
  'inception-resnetCM9585CLR.051WD1e-6BS28_20Epochs_1': inceptionCycle,
  'inception-resnetCM9585CLR.051WD1e-6BS28_20Epochs_2': inceptionCycle,
  'inception-resnetCM9585CLR.051WD3e-6BS28_20Epochs_1': inceptionCycle,
  'inception-resnetCM9585CLR.051WD3e-6BS28_20Epochs_2': inceptionCycle,
  'inception-resnetM9LR.1WD1e-4BS28_145Epochs_1': steps,
  'inception-resnetM9LR.1WD1e-4BS28_145Epochs_2': steps,
  'resnetCM9585CLR.051WD1e-6BS32_20Epochs_1': {
    ...cycle,
    stepsize: 75_000,
    cyclical_momentum: [0.85, 75_000],
  },
  'resnetCM9585CLR.051WD3e-6BS32_20Epochs_1': {
    ...cycle,
    stepsize: 95_000,
    cyclical_momentum: [0.85, 95_000],
  },
  'resnetM9LR1WD1e-4BS32_145Epochs_1': steps,
};

const superConvergence = runsIn('super-convergence');
const disciplined = runsIn('disciplined');

/** The settings that the log itself has, or for an ImageNet run those above. */
function solverOf({ run, solver }: Run): CaffeSolver {
  const { lr_policy, base_lr } = solver;
  if (lr_policy !== undefined && base_lr !== undefined) return { ...solver, lr_policy, base_lr };
  const known = solverOfImageNetRun[run];
  if (!known) throw new Error(`No settings for ${run}`);
  return known;
}

describe('the logs of lnsmith54/super-convergence', () => {
  it('are all here', () => {
    expect(superConvergence).toHaveLength(43);
  });

  it.each(superConvergence)('$run has the rates of its solver', (run) => {
    const logged = column(run, 'lr');
    // the last one is missing where Caffe stopped before it printed a rate
    expect(run.points.length - logged.length).toBeLessThanOrEqual(1);
    expectColumn(logged, fromSolver(solverOf(run)).learningRate);
  });
});

describe('the logs of lnsmith54/hyperParam1', () => {
  it('are all here, seven with their settings', () => {
    expect(disciplined).toHaveLength(17);
    const without = disciplined.filter(({ solver }) => solver.lr_policy === undefined).map(({ run }) => run);
    expect(without.sort()).toEqual(Object.keys(solverOfImageNetRun).sort());
  });

  it.each(disciplined)('$run has the rates and the momenta of its solver', (run) => {
    const { learningRate, momentum } = fromSolver(solverOf(run));
    const rates = column(run, 'lr');
    const momenta = column(run, 'momentum');
    expect(run.points.length - rates.length).toBeLessThanOrEqual(1);
    expect(momenta).toHaveLength(rates.length);
    expectColumn(rates, learningRate);
    expectColumn(momenta, momentum ?? (() => NaN));
  });

  it('are not those of a cycle that returns to the base rate, nor of drops sorted by iteration', () => {
    const found = (name: string): Run => disciplined.find(({ run }) => run.startsWith(name)) as Run;
    const oneCycle = found('c100Resnet56');
    const triangle = fromSolver({ ...solverOf(oneCycle), lr_policy: 'triangular' });
    expect(() => {
      expectColumn(column(oneCycle, 'lr'), triangle.learningRate);
    }).toThrow();

    // 0.1·0.316³ until 36,619 and 0.1·0.316⁵ after it: the fifth drop, set for 35,398, has to wait for the fourth
    const dropped = found('genDensenet40_DenOrig');
    const sorted = [...(solverOf(dropped).stepvalue as number[])].sort((a, b) => a - b);
    const inOrder = fromSolver({ ...solverOf(dropped), stepvalue: sorted });
    expect(() => {
      expectColumn(column(dropped, 'lr'), inOrder.learningRate);
    }).toThrow();
  });
});
