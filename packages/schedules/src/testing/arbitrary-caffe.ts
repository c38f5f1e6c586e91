import fc from 'fast-check';
import {
  exp,
  expRange,
  fixed,
  inv,
  multistep,
  oneCycle,
  poly,
  sigmoid,
  step,
  triangular,
  triangular2,
  type CaffeMomentumOptions,
  type CaffeSchedules,
  type CaffeSpec,
} from '../caffe/index.ts';
import type { Schedule } from '../index.ts';

const count = fc.integer({ min: 1, max: 10_000 });
const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const baseLr = double(1e-9, 10);
const gamma = double(0, 1);
const cycle = { baseLr: double(-0, 10), maxLr: double(0, 10), stepSize: count };

/** None, constant, or cyclical. */
const momenta: fc.Arbitrary<CaffeMomentumOptions> = fc.oneof(
  fc.constant({}),
  fc.record({ momentum: double(0, 1) }),
  fc.tuple(double(0, 1), double(0, 1), count).map(([momentum, share, stepSize]) => ({
    momentum,
    cyclicalMomentum: [momentum * share, stepSize] as const,
  })),
);

/** For each policy of Caffe, an arbitrary of its rate or its momentum. */
export const arbitraryCaffe: Readonly<Record<CaffeSpec['type'], fc.Arbitrary<Schedule>>> = {
  'caffe.exp': schedules(exp, { baseLr, gamma: double(0, 2) }),
  'caffe.expRange': schedules(expRange, { ...cycle, gamma }),
  'caffe.fixed': schedules(fixed, { baseLr }),
  'caffe.inv': schedules(inv, { baseLr, gamma: double(0, 10), power: double(0, 10) }),
  'caffe.multistep': schedules(multistep, { baseLr, gamma, stepValue: fc.array(fc.nat(10_000)) }),
  'caffe.oneCycle': schedules(oneCycle, cycle),
  'caffe.poly': schedules(poly, { baseLr, power: double(0, 10), maxIter: count }),
  'caffe.sigmoid': schedules(sigmoid, { baseLr, gamma: double(-1, 1), stepSize: count }),
  'caffe.step': schedules(step, { baseLr, gamma: double(0, 2), stepSize: count }),
  'caffe.triangular': schedules(triangular, cycle),
  'caffe.triangular2': schedules(triangular2, cycle),
};

function schedules<Options>(
  make: (options: Options & CaffeMomentumOptions) => CaffeSchedules,
  options: { [Name in keyof Options]: fc.Arbitrary<Options[Name]> },
): fc.Arbitrary<Schedule> {
  return fc.tuple(fc.record(options), momenta, fc.boolean()).map(([given, momentum, wantsMomentum]) => {
    const made = make({ ...(given as Options), ...momentum });
    return (wantsMomentum ? made.momentum : undefined) ?? made.learningRate;
  });
}
