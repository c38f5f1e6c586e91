import * as tf from '@tensorflow/tfjs';
import { loadEngine } from '@superconvergence/engine';
import { softmaxCrossEntropy } from '@superconvergence/ops';
import { beforeAll, expect, test } from 'vitest';
import { createModel } from './index.ts';
import { trainableVariables } from './testing/trainable-variables.ts';

beforeAll(async () => {
  await loadEngine();
});

test('a training step computes every gradient, once, and none for the image', () => {
  const model = createModel('resnet-20');
  const numTensors = tf.memory().numTensors;
  const calls = countNativeCalls(() => {
    tf.tidy(() => {
      const images = tf.zeros<tf.Rank.R4>([2, 32, 32, 3]);
      const labels = tf.zeros<tf.Rank.R1>([2], 'int32');
      tf.variableGrads(
        () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor2D, labels).mean(),
        trainableVariables(model),
      );
    });
  });
  expect(Object.fromEntries(calls)).toMatchObject({
    Conv2D: 19,
    Conv2DBackpropFilter: 19,
    Conv2DBackpropInput: 18,
    FusedBatchNormV3: 19,
    FusedBatchNormGradV3: 19,
    BiasAdd: 19,
    BiasAddGrad: 19,
    Relu: 19,
    ReluGrad: 19,
    SparseSoftmaxCrossEntropyWithLogits: 1,
    // The classifier: forward, weights, input.
    BatchMatMulV2: 3,
  });
  expect(tf.memory().numTensors).toBe(numTensors);
  model.dispose();
});

/** How often the native backend runs each TensorFlow operation. */
function countNativeCalls(run: () => void): Map<string, number> {
  type Execute = (name: string, ...rest: unknown[]) => unknown;
  const backend = tf.backend() as unknown as Record<
    'executeSingleOutput' | 'executeMultipleOutputs',
    Execute
  >;
  const calls = new Map<string, number>();
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const counted = (execute: Execute): Execute =>
    function (this: unknown, name, ...rest) {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return execute.call(this, name, ...rest);
    };
  backend.executeSingleOutput = counted(executeSingleOutput);
  backend.executeMultipleOutputs = counted(executeMultipleOutputs);
  try {
    run();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
  }
  return calls;
}
