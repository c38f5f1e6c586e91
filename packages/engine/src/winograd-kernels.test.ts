import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeSessions, NativeTensor } from './index.ts';
import type { Convolution } from './testing/convolution-reference.ts';
import {
  convolve,
  convolveBackward,
  convolveFilterGrad,
  makeConvolution,
} from './testing/convolution-reference.ts';
import { addInput, float32, loadSessions } from './testing/native-values.ts';
import { random, run } from './testing/training-kernels-reference.ts';

const convolution = 'SuperconvergenceConvolution';
const filterGrad = 'SuperconvergenceConvolutionFilterGrad';

let native: NativeSessions;
beforeAll(async () => {
  native = await loadSessions();
}, 600_000);

function runForward({ x, filter }: Convolution, threads = 0) {
  return run(native, convolution, [x, filter], { threads: { type: 'int', value: threads } })[0];
}

function runBackward({ dy, filter }: Convolution, threads = 0) {
  const attributes = {
    backward: { type: 'bool', value: true },
    threads: { type: 'int', value: threads },
  } as const;
  return run(native, convolution, [dy, filter], attributes)[0];
}

function runFilterGrad({ x, dy }: Convolution, threads = 0) {
  return run(native, filterGrad, [x, dy], { threads: { type: 'int', value: threads } })[0];
}

// Images smaller than a tile of 4 × 4, with whole tiles and with a rest; channels that fill no vector of 16, one, one
// and a rest, several panels.
const sizes = [
  [1, 1],
  [1, 5],
  [2, 3],
  [4, 4],
  [8, 3],
  [9, 8],
] as const;
const channels = [
  [1, 1],
  [3, 16],
  [16, 3],
  [17, 17],
  [64, 33],
  [5, 64],
] as const;
const cases = sizes.flatMap(([height, width]) =>
  channels.map(([inputs, outputs]) => ({ height, width, inputs, outputs })),
);

describe('Winograd convolutions', () => {
  it.each(cases)('agree with float64: $height × $width, $inputs to $outputs channels', (shape) => {
    const given = makeConvolution({ batch: 2, ...shape });
    const { batch, height, width } = given;
    const y = runForward(given);
    expect(y?.shape).toEqual([batch, height, width, shape.outputs]);
    expectClose(y, convolve(given));
    const dx = runBackward(given);
    expect(dx?.shape).toEqual(given.x.shape);
    expectClose(dx, convolveBackward(given));
    const dfilter = runFilterGrad(given);
    expect(dfilter?.shape).toEqual(given.filter.shape);
    expectClose(dfilter, convolveFilterGrad(given));
  });

  // Filters whose gradient is summed up in ranges of tiles, in two groups, in blocks of one group, in one group.
  it.each([
    { batch: 60, height: 8, width: 9, inputs: 16, outputs: 32 },
    { batch: 900, height: 1, width: 2, inputs: 144, outputs: 80 },
    { batch: 3, height: 2, width: 2, inputs: 900, outputs: 144 },
    { batch: 1, height: 3, width: 1, inputs: 300, outputs: 400 },
  ])('sum up many: $batch × $height × $width, $inputs to $outputs channels', (shape) => {
    const given = makeConvolution(shape);
    expectClose(runForward(given), convolve(given));
    expectClose(runBackward(given), convolveBackward(given));
    expectClose(runFilterGrad(given), convolveFilterGrad(given));
  });

  it.each([
    { batch: 50, height: 8, width: 8, inputs: 16, outputs: 32 },
    { batch: 70, height: 5, width: 8, inputs: 100, outputs: 130 },
  ])('are the same bits with any number of threads, and again: $inputs to $outputs channels', (shape) => {
    const given = makeConvolution(shape);
    for (const pass of [runForward, runBackward, runFilterGrad]) {
      const once = pass(given, 1);
      for (const threads of [2, 3, 8, 8]) expect(pass(given, threads)).toEqual(once);
    }
  });

  it('give zeros, or nothing, for an empty batch', () => {
    const [x, dy] = [float32([], [0, 4, 4, 2]), float32([], [0, 4, 4, 3])];
    const filter = float32(random(54, 1), [3, 3, 2, 3]);
    expect(run(native, convolution, [x, filter])[0]?.shape).toEqual([0, 4, 4, 3]);
    expect(run(native, filterGrad, [x, dy])[0]?.data).toEqual(new Float32Array(54));
  });

  it.each([
    { backward: false, x: [7, 5, 6, 2], result: [7, 5, 6, 3] },
    { backward: true, x: [7, 5, 6, 3], result: [7, 5, 6, 2] },
    { backward: false, x: [-1, 5, 6, 2], result: [-1, 5, 6, 3] },
  ])('infer static shapes: $result', ({ backward, x, result }) => {
    const graph = native.createGraph();
    addInput(graph, 'x', x);
    addInput(graph, 'filter', [3, 3, 2, 3]);
    addInput(graph, 'dy', [7, 5, 6, 3]);
    const attributes = { backward: { type: 'bool', value: backward } } as const;
    const outputs = graph.addOperation({ type: convolution, name: 'y', inputs: ['x', 'filter'], attributes });
    expect(outputs.map(({ shape }) => shape)).toEqual([result]);
    const [gradient] = graph.addOperation({ type: filterGrad, name: 'dfilter', inputs: ['x', 'dy'] });
    expect(gradient?.shape).toEqual([3, 3, x[3], 3]);
    graph.dispose();
  });

  it('refuse filters and gradients of other shapes', () => {
    const x = float32(random(32, 1), [1, 4, 4, 2]);
    const wide = float32(random(50, 1), [5, 5, 2, 1]);
    expect(() => run(native, convolution, [x, wide])).toThrow(/filter has the shape \[5,5,2,1\], not \[3,3/);
    const other = float32(random(27, 1), [3, 3, 3, 1]);
    expect(() => run(native, convolution, [x, other])).toThrow(/filter has the shape \[3,3,3,1\]/);
    expect(() => run(native, convolution, [float32([1]), other])).toThrow(/1 dimensions, not 4|shape \[1\]/);
    const dy = float32(random(12, 1), [1, 4, 3, 1]);
    expect(() => run(native, filterGrad, [x, dy])).toThrow(/dy has the shape \[1,4,3,1\], not that of x/);
  });
});

/** In L2, relative to the whole: errors don't shrink where a sum happens to cancel. */
function expectClose(actual: NativeTensor | undefined, expected: Float64Array): void {
  expect(actual?.data.length).toBe(expected.length);
  const off = expected.map((value, i) => Number(actual?.data[i]) - value);
  const size = (values: Float64Array) => Math.sqrt(values.reduce((total, value) => total + value ** 2, 0));
  expect(size(off) / size(expected)).toBeLessThan(4e-6);
}
