import type { NativeTensor } from '../index.ts';
import { float32 } from './native-values.ts';
import { random } from './training-kernels-reference.ts';

/** A convolution of 3 × 3 filters, with a gradient of its result. */
export interface Convolution {
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  /** [batch, height, width, inputs] */
  x: NativeTensor;
  /** [3, 3, inputs, outputs] */
  filter: NativeTensor;
  /** [batch, height, width, outputs] */
  dy: NativeTensor;
}

/** Seeded values of a shape. */
export function makeConvolution(shape: {
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
}): Convolution {
  const { batch, height, width, inputs, outputs } = shape;
  const make = (dims: number[], seed: number) =>
    float32(
      random(
        dims.reduce((a, b) => a * b),
        seed,
      ),
      dims,
    );
  return {
    ...shape,
    x: make([batch, height, width, inputs], 1),
    filter: make([3, 3, inputs, outputs], 2),
    dy: make([batch, height, width, outputs], 3),
  };
}

/** y, straight from the definition. */
export function convolve(given: Convolution): Float64Array {
  const [x, filter] = [given.x.data, given.filter.data] as Float32Array[];
  const y = new Float64Array(given.dy.data.length);
  forTaps(given, (from, to, at) => {
    for (let i = 0; i < given.inputs; i++) {
      const value = x?.[from + i] ?? NaN;
      const row = at + i * given.outputs;
      for (let o = 0; o < given.outputs; o++)
        y[to + o] = (y[to + o] ?? NaN) + value * (filter?.[row + o] ?? NaN);
    }
  });
  return y;
}

/** dx of dy. */
export function convolveBackward(given: Convolution): Float64Array {
  const [dy, filter] = [given.dy.data, given.filter.data] as Float32Array[];
  const dx = new Float64Array(given.x.data.length);
  forTaps(given, (from, to, at) => {
    for (let i = 0; i < given.inputs; i++) {
      const row = at + i * given.outputs;
      let sum = 0;
      for (let o = 0; o < given.outputs; o++) sum += (dy?.[to + o] ?? NaN) * (filter?.[row + o] ?? NaN);
      dx[from + i] = (dx[from + i] ?? NaN) + sum;
    }
  });
  return dx;
}

/** dfilter of x and dy. */
export function convolveFilterGrad(given: Convolution): Float64Array {
  const [x, dy] = [given.x.data, given.dy.data] as Float32Array[];
  const dfilter = new Float64Array(given.filter.data.length);
  forTaps(given, (from, to, at) => {
    for (let i = 0; i < given.inputs; i++) {
      const value = x?.[from + i] ?? NaN;
      const row = at + i * given.outputs;
      for (let o = 0; o < given.outputs; o++) {
        dfilter[row + o] = (dfilter[row + o] ?? NaN) + value * (dy?.[to + o] ?? NaN);
      }
    }
  });
  return dfilter;
}

/** Every pair of an input's and a result's pixel (where their channels begin) with its filter's place. */
function forTaps(given: Convolution, run: (from: number, to: number, filter: number) => void): void {
  const { batch, height, width, inputs, outputs } = given;
  for (let to = 0; to < batch * height * width; to++) {
    const [row, column] = [Math.floor(to / width) % height, to % width];
    for (let tap = 0; tap < 9; tap++) {
      const [down, right] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      if (row + down < 0 || row + down >= height || column + right < 0 || column + right >= width) continue;
      run((to + down * width + right) * inputs, to * outputs, tap * inputs * outputs);
    }
  }
}
