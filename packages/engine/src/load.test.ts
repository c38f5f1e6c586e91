import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEngine } from './describe.ts';
import type { Installation } from './install.ts';
import { installEngine } from './install.ts';
import { loadEngine } from './load.ts';
import { inspectFolder } from './manifest.ts';
import { runModule } from './testing/run-engine.ts';

/** Loads in a process of its own and prints one line of JSON. */
const loadAndTrain = `
  import { loadEngine, describeEngine } from 'engine';
  const tf = await loadEngine({ device: 'cpu', cacheDir: process.env.CACHE_DIR, fallback: 'error' });
  const x = tf.variable(tf.tensor1d([3]));
  const optimizer = tf.train.sgd(0.1);
  for (let step = 0; step < 3; step++) optimizer.minimize(() => x.square().sum());
  console.log(JSON.stringify({ x: x.dataSync()[0], ...describeEngine() }));`;

let installation: Installation;
beforeAll(async () => {
  installation = await installEngine({ device: 'cpu' });
}, 600_000);

describe('loadEngine', () => {
  it('registers native TensorFlow in the tfjs that the application imports', async () => {
    const engine = await loadEngine({ device: 'cpu', fallback: 'error' });
    expect(tf.getBackend()).toBe('tensorflow');
    expect(engine.matMul).toBe(tf.matMul);
    expect(await loadEngine()).toBe(engine);
  });

  it('trains', async () => {
    await loadEngine({ device: 'cpu', fallback: 'error' });
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1] })] });
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const xs = tf.tensor2d([[1], [2]]);
    for (let step = 0; step < 50; step++) await model.trainOnBatch(xs, tf.mul(xs, 3));
    expect((await model.getWeights()[0]?.data())?.[0]).toBeCloseTo(3, 3);
  });

  it('describes what it loaded', async () => {
    await loadEngine({ device: 'cpu', fallback: 'error' });
    expect(describeEngine()).toMatchObject({
      native: true,
      tensorflow: '2.21.0',
      backend: 'tensorflow',
      device: 'cpu',
      node: process.versions.node,
      tfjs: '4.22.0',
    });
    expect(describeEngine().threads).toBeGreaterThan(0);
    expect(describeEngine().instructionSets).toContain('sse4_2'); // Every x64 of the last 15 years.
  });

  it('refuses a second device in the same process', async () => {
    await loadEngine({ device: 'cpu', fallback: 'error' });
    await expect(loadEngine({ device: 'gpu' })).rejects.toMatchObject({ code: 'device-conflict' });
  });

  it('refuses words it does not know', async () => {
    await expect(loadEngine({ fallback: 'none' as 'plain' })).rejects.toThrow("fallback is 'none'");
  });

  it('is silent, unless TensorFlow is asked to speak', async () => {
    const quiet = await runModule(loadAndTrain);
    // Minimising x² with rate 0.1: x is multiplied by 1 − 2 · 0.1 at each step; 3 · 0.8³ = 1.536.
    expect(JSON.parse(quiet.stdout)).toMatchObject({ native: true, x: expect.closeTo(1.536, 5) as number });
    expect(quiet.stderr).toBe('');
    const speaking = await runModule(loadAndTrain, { TF_CPP_MIN_LOG_LEVEL: '0' });
    expect(speaking.stderr).toContain('oneDNN');
  });

  it('finds a finished installation in under 0.1 s', async () => {
    const { stdout } = await runModule(`
      import { findInstallation } from 'engine';
      const start = performance.now();
      findInstallation({ device: 'cpu' });
      console.log(performance.now() - start);`);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(100);
  });
});

describe('a damaged cache', () => {
  let cacheDir: string;
  beforeAll(async () => {
    // Beside the real cache, so that the large files can be hard links.
    cacheDir = await mkdtemp(join(dirname(installation.folder), 'test-'));
    await copyInstallation(installation.folder, join(cacheDir, basename(installation.folder)));
  });
  afterAll(() => rm(cacheDir, { recursive: true, force: true }));

  it('is named and repaired, whatever the damage', { timeout: 300_000 }, async () => {
    const binding = join(
      cacheDir,
      basename(installation.folder),
      basename(dirname(installation.binding)),
      'tfjs_binding.node',
    );
    const { mtime } = await stat(binding);
    const bytes = await readFile(binding);
    await writeFile(binding, bytes.fill(0, 0, 4096)); // Same size and time: only loading it shows.
    await utimes(binding, mtime, mtime);
    const { stdout, stderr } = await runModule(loadAndTrain, { CACHE_DIR: cacheDir });
    expect(stderr).toContain(`${binding} has been altered; installing it anew`);
    expect(JSON.parse(stdout)).toMatchObject({ native: true, tensorflow: '2.21.0' });
    expect(inspectFolder(dirname(binding))).toBe('intact');

    await writeFile(binding, bytes.subarray(0, 1000));
    expect(inspectFolder(dirname(binding))).toEqual({
      damage: `${binding} has 1000 bytes instead of ${bytes.length}`,
    });
    await rm(binding);
    expect(inspectFolder(dirname(binding))).toEqual({ damage: `${binding} is missing` });
  });
});

/** As `cp -rl`, but files of the binding are real copies. */
async function copyInstallation(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name.startsWith('binding'))
      await cp(source, target, { recursive: true, preserveTimestamps: true });
    else if (entry.isDirectory()) await copyInstallation(source, target);
    else await link(source, target);
  }
}
