import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { momentumUpdate } from '@superconvergence/ops';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile } from './index.ts';
import { nativeBackend, type NativeBackend } from './native-backend.ts';
import { EventSchema, GraphDefSchema, SavedModelSchema, type GraphDef } from './protobuf-tensorflow.ts';
import { bindingOf, download, upload } from './saved-model-binding.ts';
import { loadNative } from './testing/native.ts';

beforeAll(loadNative);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saved-model-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Regression with one weight, and its derivative by hand: the loss is (w·x − y)². */
function createFunctions(optimizer: tf.Optimizer) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones', name: 'stage1/linear' }),
    ],
  });
  const compiled = compile({
    train: (x: tf.Tensor2D, y: tf.Tensor2D) =>
      optimizer.minimize(
        () => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor2D),
        true,
      ) as tf.Scalar,
    predict: (x: tf.Tensor2D) => model.apply(x) as tf.Tensor2D,
  });
  return { compiled, model };
}

function readModel() {
  const [metaGraph] = fromBinary(SavedModelSchema, readFileSync(join(folder, 'saved_model.pb'))).metaGraphs;
  return { signatures: metaGraph?.signatureDef ?? {}, graph: metaGraph?.graphDef as GraphDef };
}

/** The graph in the event file, whose records are: 8 bytes of length, 4 of checksum, the data, 4 of checksum. */
function readEventGraph(): GraphDef {
  const name = readdirSync(folder).find((each) => each.startsWith('events.out.tfevents.')) ?? '';
  const bytes = readFileSync(join(folder, name));
  const first = Number(bytes.readBigUint64LE(0));
  expect(fromBinary(EventSchema, bytes.subarray(12, 12 + first)).what.value).toBe('brain.Event:2');
  const second = first + 16;
  expect(second + 16 + Number(bytes.readBigUint64LE(second))).toBe(bytes.length);
  const { what } = fromBinary(EventSchema, bytes.subarray(second + 12, bytes.length - 4));
  return fromBinary(GraphDefSchema, what.case === 'graphDef' ? what.value : new Uint8Array());
}

/** Runs a signature of the files that were written, as tfjs-node does. */
function loadWritten() {
  const backend = nativeBackend() as NativeBackend;
  const binding = bindingOf(backend);
  const { signatures } = readModel();
  const id = binding.loadSavedModel(folder, 'serve');
  return {
    run(signature: string, feeds: Record<string, tf.Tensor>): number[][] {
      const { inputs = {}, outputs = {} } = signatures[signature] ?? {};
      const ids = Object.keys(inputs).map((name) => {
        const { shape } = feeds[name] as tf.Tensor;
        return upload(backend, { dtype: 1, shape, data: feeds[name]?.dataSync() as Float32Array });
      });
      const names = (infos: typeof inputs) => Object.values(infos).map(({ name }) => name);
      const values = binding.runSavedModel(id, ids, names(inputs).join(), names(outputs).join());
      for (const each of ids) binding.deleteTensor(each);
      return values.map((value) => Array.from(download(backend, value).data as Float32Array));
    },
    dispose: () => {
      binding.deleteSavedModel(id);
    },
  };
}

describe('writeSavedModel', () => {
  it('writes functions that go on elsewhere from where they are', async () => {
    const { compiled, model } = createFunctions(tf.train.sgd(0.1));
    const [x, y] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[1]])];
    // The error is 3 - 1, its square 4; the gradient 2·2·[1, 2, 1 for the bias], so w = [0.6, 0.2], b = -0.4.
    expect((await compiled.train(x, y)).dataSync()[0]).toBeCloseTo(4);
    await compiled.predict(x);
    await compiled.predict(tf.tensor2d([[1, 2], [3, 4]])); // prettier-ignore
    expect(await compiled.writeSavedModel(folder)).toEqual(['train', 'predict', 'predict_1']);

    const written = loadWritten();
    const rates = {
      optimizer_0_learning_rate: tf.scalar(0.05),
      optimizer_0_negative_learning_rate: tf.scalar(-0.05),
    };
    const predicted = 0.6 + 2 * 0.2 - 0.4;
    expect(written.run('predict', { argument_0: x })[0]?.[0]).toBeCloseTo(predicted);
    expect(written.run('train', { argument_0: x, argument_1: y, ...rates })[0]?.[0]).toBeCloseTo(0.16);
    // The gradient is 2·(-0.4)·[1, 2, 1], so the prediction grows by 0.05·0.8·(1 + 4 + 1).
    expect(written.run('predict', { argument_0: x })[0]?.[0]).toBeCloseTo(predicted + 0.24);
    expect((model.predict(x) as tf.Tensor).dataSync()[0]).toBeCloseTo(predicted);
    written.dispose();
    compiled.dispose();
  });

  it('gives signatures their types and shapes', async () => {
    const w = tf.variable(tf.scalar(2));
    const compiled = compile((x: tf.Tensor1D) => {
      w.assign(x.sum());
      return { large: x.greater(w), index: x.argMax() };
    });
    await compiled(tf.tensor1d([1, 5, 2]));
    await compiled.writeSavedModel(folder);
    const { signatures, graph } = readModel();
    const { inputs, outputs } = signatures.function ?? {};
    const shapes = (infos: typeof inputs) =>
      Object.entries(infos ?? {}).map(([name, { dtype, tensorShape }]) => [
        name,
        dtype,
        ...(tensorShape?.dim ?? []).map(({ size }) => Number(size)),
      ]);
    expect(shapes(inputs)).toEqual([['argument_0', 1, 3]]);
    expect(shapes(outputs)).toEqual([
      ['output_0', 10, 3],
      ['output_1', 3],
    ]);
    expect(graph.node.map(({ op }) => op)).toContain('VarHandleOp');
    compiled.dispose();
  });

  it('writes the graph for TensorBoard, under the names of functions and layers', async () => {
    const { compiled } = createFunctions(tf.train.sgd(0.1));
    await compiled.train(tf.tensor2d([[1, 2]]), tf.tensor2d([[1]]));
    await compiled.writeSavedModel(folder);
    const names = readEventGraph().node.map(({ name }) => name);
    expect(names).toContain('train/stage1/linear/BatchMatMulV2');
    expect(names).toContain('train/gradients/stage1/linear/BatchMatMulV2');
    expect(names).toContain('train/argument_0');
    expect(names.filter((name) => name.startsWith('initialise'))).toEqual([]);
    compiled.dispose();
  });

  it('leaves to TensorBoard what no other TensorFlow knows', async () => {
    const [weight, velocity] = [
      tf.variable<tf.Rank.R1>(tf.tensor1d([1, 2])),
      tf.variable<tf.Rank.R1>(tf.tensor1d([0, 0])),
    ];
    const compiled = compile({
      known: (x: tf.Tensor1D) => x.neg(),
      custom: (gradient: tf.Tensor1D) => {
        const [learningRate, momentum] = [tf.scalar(0.1), tf.scalar(0.9)];
        const next = momentumUpdate({
          weight: weight,
          velocity,
          gradient,
          learningRate,
          momentum,
        });
        weight.assign(next.weight);
        velocity.assign(next.velocity);
      },
    });
    const x = tf.tensor1d([1, 1]);
    await expect(compiled.writeSavedModel(folder)).rejects.toMatchObject({ code: 'unsupported' });
    await compiled.known(x);
    await compiled.custom(x);
    expect(await compiled.writeSavedModel(folder)).toEqual(['known']);
    expect(readModel().graph.node.filter(({ name }) => name.startsWith('custom'))).toEqual([]);
    expect(readEventGraph().node.map(({ op }) => op)).toContain('SuperconvergenceMomentumUpdate');
    compiled.dispose();
    await expect(compiled.writeSavedModel(folder)).rejects.toMatchObject({ code: 'disposed' });
  });
});
