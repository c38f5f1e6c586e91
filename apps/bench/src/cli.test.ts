import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cifarCacheFolder } from '@superconvergence/cifar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastJson, runBench } from './testing/run-bench.ts';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

describe('wrong usage', () => {
  it.each([
    [['reprodce'], /unknown command 'reprodce'.*\n?.*reproduce/],
    [['--preset', 'huge'], /'huge' is invalid. Allowed choices are quick, standard, paper/],
    [['reproduce', '--budget', '-1'], /--budget.*'-1' is invalid. It must be a number greater than 0/],
    [['timing', '--epoch', '3'], /unknown option '--epoch'/],
    [['timing', '--models', 'wrn-16-10,nope'], /model name must be one of resnet-8.* but is "nope"/],
    [['timing', '--models', 'wrn-15-1'], /depth of wrn-15-1 must be 6n \+ 4/],
    [['timing', '--batch', '0'], /--batch.*'0' is invalid. It must be a whole number of at least 1/],
    [['timing', '--update', '--forward-only'], /'--forward-only' cannot be used with option '--update'/],
    [['train', '--schedule', 'cosine'], /Allowed choices are one-cycle, multi-step, triangular, constant/],
    [['train', '--resume', 'a', '--epochs', '3'], /leave out --epochs/],
    [['train', '--run', '../a'], /A run is named with letters/],
    [['train', '--train-size', '100', '--batch', '128'], /--batch 128 is more than the 100 training images/],
    [['range-test', '--min-lr', '2', '--max-lr', '1'], /--min-lr 2 must be less than --max-lr 1/],
    [['report', 'a', 'b'], /too many arguments/],
  ])('bench %j exits with 2 and says why', async (args, why) => {
    const { exitCode, stdout, stderr } = await runBench(args);
    expect(stderr).toMatch(why);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('--help lists the commands and exits with 0', async () => {
    const { exitCode, stdout } = await runBench(['--help']);
    for (const command of [
      'reproduce',
      'timing',
      'train',
      'range-test',
      'schedule',
      'tune',
      'models',
      'report',
      'doctor',
    ]) {
      expect(stdout).toContain(`\n  ${command}`);
    }
    expect(exitCode).toBe(0);
  });
});

describe('the world outside', () => {
  it('says that there is no such run', async () => {
    const { exitCode, stderr } = await runBench(['train', '--resume', 'lost', '--results', results]);
    expect(stderr).toContain(`There is no run lost in ${join(results, 'train')}`);
    expect(exitCode).toBe(1);
  });

  it('says that the results folder can’t be written', async () => {
    const file = join(results, 'file');
    writeFileSync(file, '');
    const { exitCode, stderr } = await runBench(['timing', '--models', 'resnet-8', '--results', file]);
    expect(stderr).toMatch(/Can't write .*--results/);
    expect(exitCode).toBe(1);
  });

  it('says that there is nothing to report', async () => {
    const { exitCode, stderr } = await runBench(['report', results]);
    expect(stderr).toContain(`There are no finished runs in ${results}`);
    expect(exitCode).toBe(1);
  });

  it('says what to do without data and without a network', async () => {
    // The engine that is there, and no data.
    symlinkSync(join(dirname(cifarCacheFolder()), 'engine'), join(results, 'engine'));
    const unreachable = 'http://127.0.0.1:9';
    const env = {
      SUPERCONVERGENCE_CACHE: results,
      npm_config_registry: unreachable,
      https_proxy: unreachable,
      HTTPS_PROXY: unreachable,
    };
    const { exitCode, stderr } = await runBench(
      ['train', '--model', 'resnet-8', '--results', join(results, 'runs')],
      { env },
    );
    expect(stderr).toMatch(/error: .*cifar/i);
    expect(exitCode).toBe(1);
  });
});

describe('train', () => {
  const args = [
    'train',
    '--model',
    'resnet-8',
    '--train-size',
    '1280',
    '--epochs',
    '4',
    '--seed',
    '1',
    '--json',
    '--run',
    'mine',
  ];

  it(
    'interrupted and resumed ends bit for bit where an unbroken run ends',
    { timeout: 120_000 },
    async () => {
      const whole = lastJson(await runBench([...args, '--results', join(results, 'whole')])) as Record<
        string,
        unknown
      >;
      expect(whole).toMatchObject({ run: 'mine', steps: 40, reason: 'completed' });
      expect(whole.testAccuracy).toBeGreaterThan(0.15);

      const broken = await runBench([...args, '--results', results], { interruptAt: /step 10\/40/ });
      expect(broken.exitCode).toBe(130);
      expect(broken.stderr).toContain(
        `Go on with: npx -y pnpm@12 bench train --resume mine --results ${results}`,
      );
      expect(existsSync(join(results, 'train', 'mine', 'checkpoint.safetensors'))).toBe(true);

      const resumed = await runBench(['train', '--resume', 'mine', '--results', results, '--json']);
      expect(resumed.stderr).toMatch(/going on from step 1\d/);
      expect(lastJson(resumed)).toMatchObject({
        weightsHash: whole.weightsHash,
        testAccuracy: whole.testAccuracy,
      });
      // A finished run is not done again.
      expect(lastJson(await runBench([...args, '--results', results]))).toEqual(lastJson(resumed));
      expect(existsSync(join(results, 'train', 'mine', 'checkpoint.safetensors'))).toBe(false);
    },
  );
});

describe('train --multipliers published --recalibrate 2', () => {
  it('trains and scores differently, and says so in run.json', { timeout: 120_000 }, async () => {
    const train = async (...options: string[]) => {
      const args = ['--model', 'resnet-8', '--train-size', '256', '--epochs', '1', '--json', ...options];
      const result = lastJson(await runBench(['train', ...args, '--results', results])) as Record<
        string,
        string
      >;
      const file = join(results, 'train', result.run ?? '', 'run.json');
      const { config } = JSON.parse(readFileSync(file, 'utf8')) as { config: Record<string, unknown> };
      return { result, config };
    };
    const plain = await train();
    const published = await train('--multipliers', 'published');
    const both = await train('--multipliers', 'published', '--recalibrate', '2');
    expect(both.config).toEqual({ ...plain.config, multipliers: 'published', recalibrate: 2 });
    expect(published.config).toEqual({ ...plain.config, multipliers: 'published' });
    expect(plain.config).not.toHaveProperty('multipliers');
    const scored = [plain, published, both].map(({ result }) => result);
    for (const key of ['weightsHash', 'testLoss']) {
      expect(new Set(scored.map((result) => result[key])).size).toBe(3);
    }
    // After two steps the averages, which start at 0 and 1, are far from what the weights have.
    expect(Number(both.result.testLoss)).toBeLessThan(Number(published.result.testLoss));
  });

  it('refuses to recalibrate a network without batch norm', async () => {
    const { exitCode, stderr } = await runBench([
      ...['train', '--model', 'cifar3', '--train-size', '256', '--recalibrate', '2', '--results', results],
    ]);
    expect(stderr).toContain('cifar3 has no batch normalisation; leave out --recalibrate.');
    expect(exitCode).toBe(2);
  });
});

describe('timing', () => {
  it('prints the fields of the contract', async () => {
    const args = [
      'timing',
      '--models',
      'resnet-8',
      '--batch',
      '16',
      '--iterations',
      '3',
      '--json',
      '--results',
      results,
    ];
    const finished = await runBench(args);
    const timing = lastJson(finished) as Record<string, unknown>;
    for (const field of [
      'seconds',
      'secondsPerIteration',
      'imagesPerSecond',
      'gflopsPerSecond',
      'gcPercent',
      'tensorsAllocated',
      'bytesAllocated',
      'peakRssBytes',
    ]) {
      expect(timing[field], field).toEqual(expect.any(Number));
    }
    expect(timing).toMatchObject({
      model: 'resnet-8',
      batchSize: 16,
      iterations: 3,
      deviceMemoryBytes: null,
    });
    expect(timing.engine).toMatchObject({
      native: true,
      tensorflow: '2.21.0',
      towers: 1,
      precision: 'float32',
    });
    expect(finished.exitCode).toBe(0);
  });
});
