import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installEngine } from './install.ts';
import { runCommand } from './run-command.ts';

const packages = fileURLToPath(new URL('../../', import.meta.url));

/** pnpm's shims point NODE_PATH at the workspace's packages, which a consumer doesn't have. */
const ownModules = { NODE_PATH: '' };

/** What a user would write: TensorFlow.js imported as always, the engine loaded once. */
const script = `import * as tf from '@tensorflow/tfjs';
import { loadEngine } from '@superconvergence/engine';
import * as schedules from '@superconvergence/schedules';
await loadEngine({ device: 'cpu', fallback: process.env.FALLBACK ?? 'error' });
const kernelInitializer = tf.initializers.constant({ value: 0.05 });
const model = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, kernelInitializer }),
  tf.layers.flatten(), tf.layers.dense({ units: 1, kernelInitializer })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const { history } = await model.fit(tf.fill([16, 8, 8, 3], 0.1), tf.zeros([16, 1]), { epochs: 3, verbose: 0 });
console.log(JSON.stringify({ backend: tf.getBackend(), losses: history.loss, schedules: Object.keys(schedules).length }));
`;

let folder: string;
let tarballs: string[];

beforeAll(async () => {
  await installEngine({ device: 'cpu' });
  folder = await mkdtemp(join(tmpdir(), 'engine-consumer-'));
  for (const name of ['engine', 'schedules']) {
    await must('npx', ['-y', 'pnpm@12', 'run', 'build'], join(packages, name));
    await must('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', folder], join(packages, name));
  }
  tarballs = (await readdir(folder)).map((name) => join(folder, name));
  expect(tarballs).toHaveLength(2);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed engine in an empty folder', () => {
  it('trains on native TensorFlow after npm install', async () => {
    const project = await makeProject('npm');
    await must('npm', ['install', ...tarballs], project);
    expect(await train(project)).toMatchObject({ backend: 'tensorflow' });
    expect(existsSync(join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu'))).toBe(false);
    await must(
      join(project, 'node_modules', '.bin', 'superconvergence-engine'),
      ['doctor', '--device', 'cpu'],
      project,
    );
  });

  it('trains on native TensorFlow after pnpm add, which wants a word on core-js', async () => {
    const project = await makeProject('pnpm');
    const args = ['-y', 'pnpm@12', 'add', '--allow-build=core-js', '@tensorflow/tfjs@4.22.0', ...tarballs];
    await must('npx', args, project);
    expect(await train(project)).toMatchObject({ backend: 'tensorflow' });
  });

  it('goes on in plain JavaScript, and says so, where nothing native can be had', async () => {
    const project = join(folder, 'npm');
    const env = { ...ownModules, FALLBACK: 'plain', SUPERCONVERGENCE_CACHE: '/dev/null/cache' };
    const { status, stdout, stderr } = await runCommand(process.execPath, ['main.mjs'], {
      cwd: project,
      env,
    });
    expect(stderr).toMatch(/WARNING: NO NATIVE TENSORFLOW.*times slower/);
    expect(stderr).toMatch(/can't be written .* SUPERCONVERGENCE_CACHE/);
    expect(stderr).not.toContain('looks like you are running TensorFlow.js in Node.js');
    expect(JSON.parse(stdout)).toMatchObject({ backend: 'cpu' });
    expect(status).toBe(0);
  });
});

async function makeProject(name: string): Promise<string> {
  const project = join(folder, name);
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await writeFile(join(project, 'main.mjs'), script);
  return project;
}

async function train(project: string): Promise<{ losses: number[] }> {
  const result = JSON.parse(await must(process.execPath, ['main.mjs'], project)) as {
    losses: number[];
    schedules: number;
  };
  expect(result.losses).toHaveLength(3);
  expect(result.losses[2]).toBeLessThan(result.losses[0] ?? 0);
  expect(result.schedules).toBeGreaterThan(0);
  return result;
}

async function must(command: string, args: string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await runCommand(command, args, { cwd, env: ownModules });
  expect(status, `${command} ${args.join(' ')}: ${stdout} ${stderr}`).toBe(0);
  return stdout;
}
