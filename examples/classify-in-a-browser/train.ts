/** Trains wrn-16-2 on CIFAR-10 and writes what the page needs: the model, pictures, and logits to compare. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { channelStatistics, createBatchSource, loadCifar10 } from '@superconvergence/cifar';
import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import { oneCycle } from '@superconvergence/schedules';
import { evaluate, recalibrateBatchNorm, train } from '@superconvergence/trainer';
import type * as tfjs from '@tensorflow/tfjs';

const batchSize = 128;
const numPictures = 20;

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '1' },
    folder: { type: 'string', default: fileURLToPath(new URL('model', import.meta.url)) },
  },
});
const numEpochs = Number(values.epochs);
if (!(numEpochs > 0)) throw new RangeError(`--epochs must be a number above 0; got ${values.epochs}`);

const tf = await loadEngine();
const cifar = await loadCifar10();
const { mean, std } = channelStatistics(cifar.train);
const data = createBatchSource({
  ...{ dataset: cifar.train, mean, std },
  augmentation: { mirror: true, padCrop: 4 },
});
const testData = createBatchSource({ dataset: cifar.test, mean, std, shuffle: false });

const model = createModel('wrn-16-2', { seed: 1 });
const steps = Math.max(1, Math.round((numEpochs * data.numExamples) / batchSize));
const schedules = oneCycle({ totalSteps: steps, maxLearningRate: 0.4 });
for await (const event of train({ model, data, batchSize, steps, ...schedules })) {
  if (event.type !== 'step') continue;
  const { step, loss, imagesPerSecond } = event;
  console.log(`step ${step}/${steps}  loss ${loss.toFixed(3)}  ${Math.round(imagesPerSecond)} images/s`);
}
// After so short a training batch norm's moving averages lag behind the weights.
await recalibrateBatchNorm(model, data, { batchSize, numBatches: 20 });
const { accuracy } = await evaluate(model, testData, { maxExamples: 2_000 });
console.log(`${(100 * accuracy).toFixed(1)} % of the first 2,000 test pictures are right`);

const { folder } = values;
mkdirSync(folder, { recursive: true });
await model.save(`file://${folder}`);

const { images, labels } = testData.batch({ epoch: 0, index: 0, batchSize: numPictures, seed: 0 });
const logits = tf.tidy(() =>
  (model.predict(tf.tensor4d(images, [numPictures, 32, 32, 3])) as tfjs.Tensor2D).arraySync(),
);
writeFileSync(`${folder}/pictures.bin`, cifar.test.images.subarray(0, images.length));
writeFileSync(
  `${folder}/pictures.json`,
  JSON.stringify({ mean, std, classNames: cifar.test.classNames, labels: [...labels], logits }),
);
console.log(`the model and ${numPictures} pictures are in ${folder}`);
