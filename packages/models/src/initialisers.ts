import type { RandomGenerator } from './random-generator.ts';

/**
 * Draws the initial values of a weight. The last two numbers of `shape` are inputs and outputs, those before them the
 * kernel's size: `[height, width, inputs, outputs]` of a convolution (inputs of one group), `[inputs, outputs]` of a
 * dense layer.
 */
export type Initialiser = (shape: readonly number[], random: RandomGenerator) => Float32Array;

/** What {@link msra} takes the variance from. */
export type MsraOptions = {
  /** The inputs of an output (`in`), Caffe's default, or the outputs of an input (`out`). @default 'in' */
  fan?: 'in' | 'out';
};

/** Independent draws from N(0, standardDeviation²): Caffe's `gaussian`. */
export function normal(standardDeviation: number): Initialiser {
  checkPositive('standardDeviation', standardDeviation);
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    random.fillNormal(values, standardDeviation);
    return values;
  };
}

/** Independent draws from [−limit, limit]. */
export function uniform(limit: number): Initialiser {
  checkPositive('limit', limit);
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    random.fillUniform(values, limit);
    return values;
  };
}

/**
 * N(0, 2/fan), which keeps the size of activations (`in`) or of gradients (`out`) from layer to layer through ReLUs.
 *
 * @see He et al., https://arxiv.org/abs/1502.01852, equations 10 and 14; Caffe's `MSRAFiller`, PyTorch's `kaiming_normal_`
 */
export function msra({ fan = 'in' }: MsraOptions = {}): Initialiser {
  const fanOf = fan === 'in' ? fanIn : fanOut;
  return (shape, random) => normal(Math.sqrt(2 / fanOf(shape)))(shape, random);
}

/**
 * Uniform in ±√(3/inputs): variance 1/inputs.
 *
 * @see Caffe's `XavierFiller` with its default, the number of inputs
 */
export function xavier(): Initialiser {
  return (shape, random) => uniform(Math.sqrt(3 / fanIn(shape)))(shape, random);
}

/**
 * Uniform in ±√(6/(inputs + outputs)).
 *
 * @see Glorot & Bengio, AISTATS 2010, equation 16; Keras's default
 */
export function glorot(): Initialiser {
  return (shape, random) => uniform(Math.sqrt(6 / (fanIn(shape) + fanOut(shape))))(shape, random);
}

/** Uniform in ±√(1/inputs): the default of Torch's and PyTorch's linear and convolutional layers. */
export function torchDefault(): Initialiser {
  return (shape, random) => uniform(Math.sqrt(1 / fanIn(shape)))(shape, random);
}

/** Another initialiser's draws times a factor, as Fixup's L^(−1/(2m−2)). */
export function scaled(initialiser: Initialiser, factor: number): Initialiser {
  checkPositive('factor', factor);
  return (shape, random) => initialiser(shape, random).map((value) => factor * value);
}

/**
 * The identity as a convolution: output `i` is input `i`, for as many as there are of both, and other outputs are 0.
 * Kernels must have a centre: odd height and width.
 *
 * @see Zagoruyko & Komodakis, https://arxiv.org/abs/1706.00388; PyTorch's `dirac_`
 */
export function dirac(): Initialiser {
  return (shape) => {
    const [inputs = 0, outputs = 0] = shape.slice(-2);
    const kernelSize = shape.slice(0, -2);
    if (shape.length < 3 || kernelSize.some((size) => size % 2 === 0)) {
      throw new RangeError(
        `dirac needs a kernel of odd size, [height, width, inputs, outputs], but has [${shape.join(', ')}]`,
      );
    }
    const values = new Float32Array(sizeOf(shape));
    const centre = ((sizeOf(kernelSize) - 1) / 2) * inputs * outputs;
    for (let channel = 0; channel < Math.min(inputs, outputs); channel++) {
      values[centre + channel * outputs + channel] = 1;
    }
    return values;
  };
}

/**
 * A random matrix of all inputs by outputs whose columns (rows, if there are fewer) are orthogonal and of length
 * `gain`, uniformly distributed: Gram–Schmidt on normal draws, in float64.
 *
 * @param gain √2 for layers followed by a ReLU
 * @see Saxe, McClelland & Ganguli, https://arxiv.org/abs/1312.6120; PyTorch's `orthogonal_`
 */
export function orthogonal(gain = 1): Initialiser {
  checkPositive('gain', gain);
  return (shape, random) => {
    const outputs = shape.at(-1) ?? 1;
    const inputs = fanIn(shape);
    const [length, count] = inputs >= outputs ? [inputs, outputs] : [outputs, inputs];
    const vectors = orthonormalVectors(count, length, random);
    const values = new Float32Array(inputs * outputs);
    for (const [i, vector] of vectors.entries()) {
      for (const [j, value] of vector.entries()) {
        values[inputs >= outputs ? j * outputs + i : i * outputs + j] = gain * value;
      }
    }
    return values;
  };
}

/** `count` vectors of `length` ≥ `count` numbers. */
function orthonormalVectors(count: number, length: number, random: RandomGenerator): Float64Array[] {
  const draws = new Float32Array(length);
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    random.fillNormal(draws, 1);
    const vector = Float64Array.from(draws);
    // Twice is enough: what rounding leaves of the other directions is gone after the second time.
    for (const other of [...vectors, ...vectors]) {
      const overlap = dot(vector, other);
      for (const [i, value] of other.entries()) vector[i] = (vector[i] ?? 0) - overlap * value;
    }
    const norm = Math.sqrt(dot(vector, vector));
    if (norm > 1e-6) vectors.push(vector.map((value) => value / norm));
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Inputs of one output. */
function fanIn(shape: readonly number[]): number {
  return sizeOf(shape.slice(0, -1));
}

/** Outputs of one input. */
function fanOut(shape: readonly number[]): number {
  return sizeOf(shape.slice(0, -2)) * (shape.at(-1) ?? 1);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new RangeError(`${name} must be a number greater than 0, but is ${value}`);
  }
}
