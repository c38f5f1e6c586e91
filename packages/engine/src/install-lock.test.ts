import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withInstallLock } from './install-lock.ts';

let folder: string;
let lock: string;
const work = () => Promise.resolve('done');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-lock-'));
  lock = join(folder, 'install.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function leaveLock(owner: object, ageSeconds: number): Promise<void> {
  await mkdir(lock);
  await writeFile(join(lock, 'owner.json'), JSON.stringify(owner));
  const then = Date.now() / 1000 - ageSeconds;
  await utimes(lock, then, then);
}

describe('withInstallLock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const visit = () =>
      withInstallLock(lock, { timeoutSeconds: 20 }, async () => {
        most = Math.max(most, ++inside);
        await sleep(20);
        inside--;
      });
    await Promise.all([visit(), visit(), visit(), visit()]);
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it('says who holds it when the time is over, and once while waiting', async () => {
    const waitedFor: (number | undefined)[] = [];
    await withInstallLock(lock, { timeoutSeconds: 0 }, async () => {
      const second = withInstallLock(
        lock,
        { timeoutSeconds: 0.5, onWait: (pid) => waitedFor.push(pid) },
        work,
      );
      await expect(second).rejects.toMatchObject({
        code: 'locked',
        message: expect.stringContaining(`Process ${process.pid} on ${hostname()}`) as string,
      });
    });
    expect(waitedFor).toEqual([process.pid]);
  });

  it('is released when the work fails', async () => {
    const failing = withInstallLock(lock, { timeoutSeconds: 0 }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(withInstallLock(lock, { timeoutSeconds: 0 }, work)).resolves.toBe('done');
  });

  it('replaces the lock of a killed process', async () => {
    const entry = new URL('./install-lock.ts', import.meta.url).href;
    const program = `
      const { withInstallLock } = await import(${JSON.stringify(entry)});
      await withInstallLock(${JSON.stringify(lock)}, { timeoutSeconds: 0 }, () => {
        console.log('held');
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(withInstallLock(lock, { timeoutSeconds: 0 }, work)).rejects.toMatchObject({
      code: 'locked',
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(withInstallLock(lock, { timeoutSeconds: 5 }, work)).resolves.toBe('done');
  });

  it('replaces one whose process id now belongs to another process', async () => {
    await leaveLock({ pid: process.pid, started: '1', host: hostname() }, 0);
    await expect(withInstallLock(lock, { timeoutSeconds: 5 }, work)).resolves.toBe('done');
  });

  it('believes another machine for a minute after its last sign of life', async () => {
    await leaveLock({ pid: 1, started: '1', host: 'elsewhere' }, 50);
    await expect(withInstallLock(lock, { timeoutSeconds: 0 }, work)).rejects.toMatchObject({
      code: 'locked',
    });
    await rm(lock, { recursive: true });
    await leaveLock({ pid: 1, started: '1', host: 'elsewhere' }, 70);
    await expect(withInstallLock(lock, { timeoutSeconds: 5 }, work)).resolves.toBe('done');
  });

  it('lets only one of many replace a lock left behind', async () => {
    await leaveLock({ pid: 1, started: '1', host: 'elsewhere' }, 70);
    let inside = 0;
    let most = 0;
    const visit = () =>
      withInstallLock(lock, { timeoutSeconds: 20 }, async () => {
        most = Math.max(most, ++inside);
        await sleep(5);
        inside--;
      });
    await Promise.all(Array.from({ length: 8 }, visit));
    expect(most).toBe(1);
  });
});
