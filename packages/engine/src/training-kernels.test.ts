import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeSessions } from './index.ts';
import { float32, int32, loadSessions } from './testing/native-values.ts';
import type { Inputs } from './testing/training-kernels-reference.ts';
import {
  addBatchNorm,
  batchNorm,
  expectNear,
  makeInputs,
  random,
  referenceBatchNorm,
  run,
  scalar,
} from './testing/training-kernels-reference.ts';

let native: NativeSessions;
beforeAll(async () => {
  native = await loadSessions();
}, 600_000);

// One row, one channel, channels that fill no whole vector, one vector, several, several and a rest; ranks 2 to 4.
const shapes = [
  [3, 5, 7, 13],
  [2, 1, 1, 1],
  [1, 1, 1, 5],
  [40, 1],
  [6, 7, 16],
  [9, 64],
  [4, 5, 5, 100],
  [300, 24],
];

describe('SuperconvergenceBatchNormTraining and its gradient', () => {
  const cases = shapes.flatMap((shape) =>
    [true, false].flatMap((relu) => [true, false].map((residual) => ({ shape, relu, residual }))),
  );
  it.each(cases)(
    'agree with float64: $shape, relu $relu, residual $residual',
    ({ shape, relu, residual }) => {
      const inputs = makeInputs(shape, 0, residual);
      const expected = referenceBatchNorm(inputs, relu);
      const actual = batchNorm(native, inputs, relu);
      for (const [name, values] of Object.entries(expected)) {
        expectNear(actual[name], values, 1e-5, name);
      }
      expect(actual.dresidual?.shape).toEqual(residual ? shape : [0]);
    },
  );

  it('keeps the variance where the mean is 100 times the deviation', () => {
    const inputs = makeInputs([32, 12, 12, 20], 100, false);
    const { variance } = referenceBatchNorm(inputs, false);
    const actual = batchNorm(native, inputs, false).variance?.data as Float32Array;
    for (const [c, value] of variance.entries())
      expect(Math.abs((actual[c] ?? NaN) / value - 1)).toBeLessThan(1e-5);
  });

  it('is the same bits with any number of threads, and again', () => {
    const inputs = makeInputs([32, 16, 16, 24], 1, true);
    const once = batchNorm(native, inputs, true, 1);
    for (const threads of [2, 3, 8, 8]) expect(batchNorm(native, inputs, true, threads)).toEqual(once);
  });

  it('infers static shapes', () => {
    const { graph, outputs } = addBatchNorm(native, makeInputs([2, 3, 4, 5], 0, true), true, 0);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      ...[[2, 3, 4, 5], [5], [5], [5]],
      ...[[2, 3, 4, 5], [5], [5], [2, 3, 4, 5], [5]],
    ]);
    graph.dispose();
  });

  it.each<[what: string, change: Partial<Inputs>, message: RegExp]>([
    ['an empty batch', { x: float32([], [0, 2]) }, /empty batch has no mean/],
    [
      'a bias for other channels',
      { bias: float32([1, 2, 3]) },
      /bias has the shape \[3\], not \[2\] or \[0\]/,
    ],
    ['a residual of another shape', { residual: float32([1, 2], [1, 2]) }, /residual has the shape \[1,2\]/],
  ])('refuse %s', (_what, change, message) => {
    expect(() => batchNorm(native, { ...makeInputs([3, 2], 0, false), ...change }, true)).toThrow(message);
  });
});

describe('SuperconvergenceMomentumUpdate', () => {
  it.each([
    { caffe: false, nesterov: false },
    { caffe: false, nesterov: true },
    { caffe: true, nesterov: false },
    { caffe: true, nesterov: true },
  ])('caffe $caffe, nesterov $nesterov', ({ caffe, nesterov }) => {
    const [w, v, g] = [random(70, 1), random(70, 2), random(70, 3)];
    const [rate, momentum, decay] = [0.1, 0.9, 0.01];
    const gradient = g.map((value, i) => value + decay * (w[i] ?? NaN));
    const velocity = v.map((value, i) => momentum * value + (caffe ? rate : 1) * (gradient[i] ?? NaN));
    const change = velocity.map((value, i) => {
      if (caffe) return nesterov ? (1 + momentum) * value - momentum * (v[i] ?? NaN) : value;
      return rate * (nesterov ? (gradient[i] ?? NaN) + momentum * value : value);
    });
    const [newW, newV] = run(
      native,
      'SuperconvergenceMomentumUpdate',
      [...[w, v, g].map((values) => float32(values, [7, 10])), ...[rate, momentum, decay].map(scalar)],
      { nesterov: { type: 'bool', value: nesterov }, caffe: { type: 'bool', value: caffe } },
    );
    const wanted = w.map((value, i) => value - (change[i] ?? NaN));
    expectNear(newW, wanted, 1e-6, 'w');
    expectNear(newV, velocity, 1e-6, 'v');
  });
});

describe('SuperconvergenceAdamWUpdate', () => {
  it.each([1, 2, 1000])('follows torch.optim.AdamW in step %d', (step) => {
    const [w, m, g] = [random(33, 1), random(33, 2), random(33, 3)];
    const v = random(33, 4).map(Math.abs);
    const [rate, beta1, beta2, decay] = [0.01, 0.9, 0.999, 0.05];
    const newM = m.map((value, i) => beta1 * value + (1 - beta1) * (g[i] ?? NaN));
    const newV = v.map((value, i) => beta2 * value + (1 - beta2) * (g[i] ?? NaN) ** 2);
    const newW = w.map((value, i) => {
      const root = Math.sqrt((newV[i] ?? NaN) / (1 - beta2 ** step));
      return value * (1 - rate * decay) - (rate * (newM[i] ?? NaN)) / (1 - beta1 ** step) / (root + 1e-8);
    });
    const actual = run(native, 'SuperconvergenceAdamWUpdate', [
      ...[w, m, v, g].map((values) => float32(values)),
      ...[rate, beta1, beta2, decay].map(scalar),
      int32([step], []),
    ]);
    for (const [i, values] of [newW, newM, newV].entries())
      expectNear(actual[i], values, 1e-5, `output ${i}`);
  });
});
