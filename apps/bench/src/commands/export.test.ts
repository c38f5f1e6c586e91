import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '@superconvergence/engine';
import { createModel, importPytorchWeights } from '@superconvergence/models';
import { decodeSafeTensors } from '@superconvergence/safetensors';
import { modelVariables, readVariables } from '@superconvergence/trainer';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadData } from '../experiments/data.ts';
import { trainConfigSchema } from '../experiments/train-config.ts';
import { loadTrainedModel } from '../experiments/trained-model.ts';
import { hashOfWeights } from '../experiments/training-run.ts';
import { createProgress } from '../progress.ts';
import { openExistingRun } from '../run-directory.ts';
import { lastJson, runBench } from '../testing/run-bench.ts';
import { writePictures } from '../testing/write-pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const results = ['--results', join(folder, 'results')];

beforeAll(async () => {
  await loadEngine({ fallback: 'error', quiet: true });
  const pictures = join(folder, 'pictures');
  writePictures(pictures, { classes: ['cat', 'dog', 'emu'], perClass: 20 });
  const train = ['train', '--data', pictures, '--model', 'wrn-10-1', '--batch', '8', '--epochs', '2'];
  expect((await runBench([...train, '--run', 'mine', ...results])).exitCode).toBe(0);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('keeps the network that was scored, with what its pictures are prepared by', async () => {
  const directory = openExistingRun(join(folder, 'results'), 'train', 'mine');
  const { model, description } = loadTrainedModel(directory);
  const { weightsHash } = directory.record.result as { weightsHash: string };
  expect(hashOfWeights(await readVariables(modelVariables(model)))).toBe(weightsHash);
  const config = trainConfigSchema.parse(directory.record.config);
  const data = await loadData({ ...config, progress: createProgress() });
  expect(description.preprocessing).toEqual(data.preprocessing);
  expect(description.classNames).toEqual(['cat', 'dog', 'emu']);
  model.dispose();
});

it('gives stock tfjs and PyTorch that network', async () => {
  const { model, description } = loadTrainedModel(openExistingRun(join(folder, 'results'), 'train', 'mine'));
  const [height, width, channels] = description.inputShape;
  const images = tf.randomNormal([4, height, width, channels], 0, 1, 'float32', 1);
  const logitsOf = (network: tf.LayersModel) => [...(network.predict(images) as tf.Tensor).dataSync()];
  const expected = logitsOf(model);

  const exported = await runBench(['export', 'mine', '--json', ...results]);
  const { files } = lastJson(exported) as { files: string[] };
  const [modelFile = '', weightsFile = ''] = files;
  const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(
    readFileSync(modelFile, 'utf8'),
  ) as tf.io.ModelJSON;
  expect(userDefinedMetadata).toEqual(description);
  const bytes = new Uint8Array(readFileSync(weightsFile));
  const stock = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: bytes.buffer,
    }),
  );
  expectClose(logitsOf(stock), expected);

  const format = ['--format', 'wide-resnet-pytorch', '--to', join(folder, 'torch')];
  expect((await runBench(['export', 'mine', ...format, ...results])).exitCode).toBe(0);
  const twin = createModel('wrn-10-1', {
    inputShape: description.inputShape,
    classes: description.classNames.length,
  });
  const { tensors } = decodeSafeTensors(readFileSync(join(folder, 'torch', 'model.safetensors')));
  expect(importPytorchWeights(twin, tensors)).toBe('wide-resnet-pytorch');
  expectClose(logitsOf(twin), expected);
  images.dispose();
  for (const network of [model, stock, twin]) network.dispose();
});

it('replaces no run for settings that do not go together', async () => {
  const file = join(folder, 'results', 'train', 'mine', 'weights.safetensors');
  const before = readFileSync(file);
  const wrong = [
    '--data',
    join(folder, 'pictures'),
    '--model',
    'he-resnet-20',
    '--batch',
    '8',
    '--dropout',
    '0.5',
  ];
  const refused = await runBench(['train', ...wrong, '--run', 'mine', '--fresh', ...results]);
  expect(refused.stderr).toContain('he-resnet-20 can');
  expect(refused.exitCode).toBe(2);
  expect(readFileSync(file)).toEqual(before);
});

it('says what is missing', async () => {
  const unknown = await runBench(['export', 'other', ...results]);
  expect(unknown.stderr).toContain('There is no run other in');
  expect(unknown.exitCode).toBe(1);
  const format = ['--format', 'torchvision'];
  const unfitting = await runBench(['export', 'mine', ...format, ...results]);
  expect(unfitting.stderr).toContain("wrn-10-1 can't be written as torchvision");
  expect(unfitting.exitCode).toBe(2);
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  const distance = Math.hypot(...expected.map((value, i) => value - (actual[i] ?? NaN)));
  expect(distance / Math.hypot(...expected)).toBeLessThan(1e-5);
}
