import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '@superconvergence/engine';
import { createModel } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProgress } from '../../progress.ts';
import { openRun } from '../../run-directory.ts';
import { engine } from '../../testing/engine-summary.ts';
import { comparePeers, type PeersConfig } from './compare-peers.ts';
import { createStockModel } from './stock-model.ts';

let results: string;
beforeAll(async () => {
  await loadEngine();
});
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

describe('createStockModel', () => {
  it('has the names and shapes of packages/models in stock layers', async () => {
    const [ours, stock] = [createModel('resnet-8'), await createStockModel('resnet-8')];
    const weightsOf = (model: tf.LayersModel) =>
      model.weights.map(({ originalName, shape }) => [originalName, shape]);
    expect(weightsOf(stock)).toEqual(weightsOf(ours));
    const stockConvolution = tf.layers.conv2d({ filters: 1, kernelSize: 1 }).constructor;
    const stockNorm = tf.layers.batchNormalization().constructor;
    expect(stock.getLayer('stem/conv').constructor).toBe(stockConvolution);
    expect(stock.getLayer('stem/batch_norm').constructor).toBe(stockNorm);
    expect(ours.getLayer('stem/conv').constructor).not.toBe(stockConvolution);
    ours.dispose();
    stock.dispose();
  });
});

describe('comparePeers', () => {
  const config: PeersConfig = {
    model: 'resnet-8',
    batchSize: 8,
    contenders: ['torch-eager', 'tfjs-stock', 'ours-eager'],
    rounds: 2,
    secondsPerRound: 0.1,
  };
  const context = {
    python: 'no-such-python',
    progress: createProgress(),
    signal: new AbortController().signal,
  };
  const open = () =>
    openRun({ results, experiment: 'peers', config: { ...config }, engine }, { fresh: true });

  it('measures who can run, says why another cannot, and keeps every round', async () => {
    const directory = open();
    const result = await comparePeers(directory, config, context);
    expect(result.parameters).toBe(29_162);
    expect(result.matmulGflopsPerSecond).toBeGreaterThan(1);
    expect(result.failed).toEqual([
      { contender: 'torch-eager', reason: expect.stringContaining('no-such-python') as string },
    ]);
    expect(result.contenders.map(({ contender }) => contender)).toEqual(['tfjs-stock', 'ours-eager']);
    const [stock, ours] = result.contenders;
    for (const row of [stock, ours]) {
      expect(row?.roundImagesPerSecond).toHaveLength(2);
      expect(row?.imagesPerSecond).toBeGreaterThan(0);
      expect(row?.secondsToFirstStep).toBeGreaterThan(row?.secondsFirstStep ?? Infinity);
      expect(row?.peakRssBytes).toBeGreaterThan(1e8);
    }
    // The second loss is that of the first update, so the update rules agree as well.
    expect(ours?.losses[1]).toBeLessThan(ours?.losses[0] ?? 0);
    expect(Math.abs((ours?.losses[1] ?? 0) - (stock?.losses[1] ?? 1))).toBeLessThan(1e-4);
    expect(directory.readLog().map(({ step }) => step)).toEqual([1, 2]);
    expect(directory.readLog()[0]).toMatchObject({ measurements: { 'ours-eager': { event: 'round' } } });
    expect(directory.record.result).toEqual(result);
  });

  it('says so when nobody can run', async () => {
    const alone: PeersConfig = { ...config, contenders: ['torch-eager'] };
    await expect(comparePeers(open(), alone, context)).rejects.toThrow(
      /No contender could be measured. PyTorch, eager: /,
    );
  });
});
