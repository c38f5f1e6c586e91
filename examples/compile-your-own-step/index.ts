import { compile } from '@superconvergence/compile';
import { loadEngine } from '@superconvergence/engine';
import type * as tfjs from '@tensorflow/tfjs';

const batchSize = 64;
const numWarmUpSteps = 3;
const numTimedSteps = 20;

const tf = await loadEngine();

/** Convolutions and batch normalisations of stock tfjs, the same weights at every call. */
function createModel(): tfjs.LayersModel {
  const convolution = (filters: number, strides: number, seed: number) =>
    tf.layers.conv2d({
      filters,
      strides,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      kernelInitializer: tf.initializers.heNormal({ seed }),
    });
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: [32, 32, 3] }));
  for (const [i, filters] of [16, 32, 64].entries()) {
    model.add(convolution(filters, 2, i + 1));
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.reLU());
  }
  model.add(tf.layers.globalAveragePooling2d({}));
  const kernelInitializer = tf.initializers.glorotNormal({ seed: 4 });
  model.add(tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer }));
  return model;
}

/** A training step as one writes it with tfjs. Nothing in it knows of `compile`. */
function createStep(): (images: tfjs.Tensor4D, labels: tfjs.Tensor2D) => tfjs.Scalar {
  const model = createModel();
  const optimizer = tf.train.adam(1e-3);
  return (images, labels) =>
    tf.tidy(() => {
      const loss = () =>
        tf.metrics
          .categoricalCrossentropy(labels, model.apply(images, { training: true }) as tfjs.Tensor)
          .mean<tfjs.Scalar>();
      return optimizer.minimize(loss, true) as tfjs.Scalar;
    });
}

/** Images of ten classes, each a brightness of its own under noise. */
function createBatch(seed: number): { images: tfjs.Tensor4D; labels: tfjs.Tensor2D } {
  return tf.tidy(() => {
    const classes = tf.tensor1d(
      Array.from({ length: batchSize }, (_, i) => i % 10),
      'int32',
    );
    const brightness = classes.div<tfjs.Tensor1D>(10).reshape([batchSize, 1, 1, 1]);
    const noise = tf.randomNormal<tfjs.Rank.R4>([batchSize, 32, 32, 3], 0, 1, 'float32', seed);
    return { images: noise.add(brightness), labels: tf.oneHot(classes, 10) as tfjs.Tensor2D };
  });
}

/** Trains and measures: the same batches in the same order for every step function. */
async function run(
  step: (images: tfjs.Tensor4D, labels: tfjs.Tensor2D) => tfjs.Scalar | Promise<tfjs.Scalar>,
): Promise<{ losses: number[]; stepsPerSecond: number }> {
  const losses: number[] = [];
  let startedAt = 0;
  for (let i = 0; i < numWarmUpSteps + numTimedSteps; i++) {
    if (i === numWarmUpSteps) startedAt = performance.now();
    const batch = batches[i % batches.length] as (typeof batches)[number];
    const loss = await step(batch.images, batch.labels);
    losses.push((await loss.data())[0] ?? NaN);
    loss.dispose();
  }
  return { losses, stepsPerSecond: numTimedSteps / ((performance.now() - startedAt) / 1000) };
}

const batches = [1, 2, 3, 4].map(createBatch);

const eager = await run(createStep());

const compiledStep = compile(createStep()); // the one line
const compiled = await run(compiledStep);
compiledStep.dispose();

const error = Math.max(...eager.losses.map((loss, i) => Math.abs((compiled.losses[i] ?? NaN) / loss - 1)));
const format = (losses: readonly number[]) => `${losses[0]?.toFixed(4)} → ${losses.at(-1)?.toFixed(4)}`;
console.log(`eager      ${eager.stepsPerSecond.toFixed(1)} steps/s   loss ${format(eager.losses)}`);
console.log(`compiled   ${compiled.stepsPerSecond.toFixed(1)} steps/s   loss ${format(compiled.losses)}`);
console.log(`speed-up   ${(compiled.stepsPerSecond / eager.stepsPerSecond).toFixed(1)}×`);
console.log(
  `the losses of ${eager.losses.length} steps differ by at most ${error.toExponential(1)} of their size`,
);
if (!(error < 1e-3)) process.exitCode = 1;
