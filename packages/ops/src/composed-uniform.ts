import * as tf from '@tensorflow/tfjs';

/**
 * A prime below 2¹¹: (2p)² + 4p is below 2²⁴, so that every step is exact in float32, which is also what WebGL computes
 * integers with. Squaring modulo a prime is as far from linear as a function can be.
 */
const PRIME = 2039;

/** Rounds that mix the seed into each row and each column, and rounds that mix rows with columns. */
const SEED_ROUNDS = 6;
const ELEMENT_ROUNDS = 3;

/**
 * Uniform numbers in [0, 1), multiples of 1/p² ≈ 2.4e-7 for p = 2039, as a pure function of seed and place: a hash of
 * (seed, index of the element), composed of tfjs's operations. No value is read.
 *
 * The index is written as row · p + column. Rows and columns are hashed to pairs of numbers below p by a Feistel network
 * over the integers modulo p, `(x, y) → ((x + key)² + y + key′ mod p, x)`, and the sums of a row's and a column's pair
 * by another, so that nearly all work on elements is in a few kernels.
 *
 * @param seed `[2]` int32, any values
 * @param shape of the result, at most 2³¹ elements
 */
export function composedUniform(seed: tf.Tensor1D, shape: number[]): tf.Tensor {
  return tf.tidy(() => {
    const size = tf.util.sizeFromShape(shape);
    const numRows = Math.ceil(size / PRIME);
    const [first, second] = hashRowsAndColumns(seed, numRows);
    const x = addRowsAndColumns(first, numRows);
    let previous = x;
    let current = squareAddMod(x, addRowsAndColumns(second, numRows));
    for (let round = 1; round < ELEMENT_ROUNDS; round++) {
      [previous, current] = [current, squareAddMod(current, previous)];
    }
    const uniform = current.add(previous.div(PRIME)).div(PRIME);
    return uniform.flatten().slice([0], [size]).reshape(shape);
  });
}

/** Two words below p for each row and then for each column: `[numRows + p]` each. */
function hashRowsAndColumns(seed: tf.Tensor1D, numRows: number): [tf.Tensor1D, tf.Tensor1D] {
  const rows = Array.from({ length: numRows }, (_, row) => row);
  const columns = Array.from({ length: PRIME }, (_, column) => column);
  let x = tf.tensor1d([...rows.map((row) => row % PRIME), ...columns]);
  // No row has this second digit: for equal words the network would have to be given equal digits.
  let y = tf.tensor1d([...rows.map((row) => Math.floor(row / PRIME)), ...columns.map(() => PRIME - 1)]);
  const keys = seedDigits(seed);
  for (let round = 0; round < SEED_ROUNDS; round++) {
    const key = keys[(2 * round) % keys.length] as tf.Tensor;
    const otherKey = keys[(2 * round + 1) % keys.length] as tf.Tensor;
    // The round's number keeps equal keys from giving equal rounds.
    [x, y] = [squareAddMod(x.add(key), y.add(otherKey.add(round))), x];
  }
  return [x, y];
}

/** The six digits of the two numbers in base p, `[1]` float32 each. */
function seedDigits(seed: tf.Tensor1D): tf.Tensor[] {
  const base = tf.scalar(PRIME, 'int32');
  const low = seed.mod(base);
  const rest = seed.floorDiv(base);
  const digits = tf.concat([low, rest.mod(base), rest.floorDiv(base).mod(base)]);
  return tf.split(digits.cast('float32'), 6);
}

function addRowsAndColumns(words: tf.Tensor1D, numRows: number): tf.Tensor {
  return words
    .slice([0], [numRows])
    .expandDims(1)
    .add(words.slice([numRows], [PRIME]));
}

/** `(x² + y) mod p` */
function squareAddMod<T extends tf.Tensor>(x: T, y: tf.Tensor): T {
  return x.square().add(y).mod(PRIME);
}
