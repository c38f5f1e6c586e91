import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from './file-lock.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-lock-'));
  path = join(folder, '.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const ignoreWait = { onWait: () => undefined };

/** The id of a process that is no more. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--eval', '0']).pid;
}

describe('withFileLock', () => {
  it('lets one in at a time, and is gone afterwards', async () => {
    let inside = 0;
    let most = 0;
    let waits = 0;
    const enter = (result: number) =>
      withFileLock(path, { onWait: () => (waits += 1) }, async () => {
        most = Math.max(most, ++inside);
        await sleep(20);
        inside--;
        return result;
      });
    expect(await Promise.all([enter(1), enter(2), enter(3)])).toEqual([1, 2, 3]);
    expect(most).toBe(1);
    expect(waits).toBe(2);
    expect(existsSync(path)).toBe(false);
  });

  it('is released when the action fails', async () => {
    await expect(withFileLock(path, ignoreWait, () => Promise.reject(new Error('inner')))).rejects.toThrow(
      'inner',
    );
    expect(existsSync(path)).toBe(false);
  });

  it('takes over from a dead process at once', async () => {
    await writeFile(path, JSON.stringify({ pid: deadPid(), host: hostname() }));
    const start = Date.now();
    expect(await withFileLock(path, ignoreWait, () => Promise.resolve('mine'))).toBe('mine');
    expect(Date.now() - start).toBeLessThan(1_000);
  });

  it('waits for a living process, and for any process of another machine', async () => {
    const owners = [
      { pid: process.pid, host: hostname() },
      { pid: deadPid(), host: `not-${hostname()}` },
    ];
    for (const owner of owners) {
      await writeFile(path, JSON.stringify(owner));
      let isIn = false;
      const entering = withFileLock(path, ignoreWait, () => Promise.resolve((isIn = true)));
      await sleep(500);
      expect(isIn).toBe(false);
      await rm(path);
      expect(await entering).toBe(true);
    }
  });

  it('takes over a lock without a heartbeat for over a minute', async () => {
    await writeFile(path, JSON.stringify({ pid: 1, host: `not-${hostname()}` }));
    const old = new Date(Date.now() - 61_000);
    await utimes(path, old, old);
    expect(await withFileLock(path, ignoreWait, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('stops waiting when told to', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }));
    const signal = AbortSignal.timeout(300);
    await expect(withFileLock(path, { ...ignoreWait, signal }, () => Promise.resolve())).rejects.toThrow(
      /timeout/,
    );
    expect(existsSync(path)).toBe(true);
  });
});
