import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMilliseconds = 200;
const heartbeatMilliseconds = 5_000;
/** Without a heartbeat for this long, a lock of another machine (or of a process id used again) counts as left behind. */
const abandonedMilliseconds = 60_000;

/**
 * Runs `action` while holding the lock file at `path`; waits while a living process holds it. A lock left by a process
 * that was killed is taken over at once on the same machine, after a minute otherwise.
 *
 * Two processes that find the same abandoned lock may, rarely, both get it: the lock saves work, and what it guards
 * must be safe without it (files are verified and renamed into place).
 */
export async function withFileLock<T>(
  path: string,
  options: { onWait: () => void; signal?: AbortSignal | undefined },
  action: () => Promise<T>,
): Promise<T> {
  let hasWaited = false;
  while (!(await tryCreate(path))) {
    options.signal?.throwIfAborted();
    if (await isAbandoned(path)) {
      await removeAbandoned(path);
      continue;
    }
    if (!hasWaited) options.onWait();
    hasWaited = true;
    await sleep(pollMilliseconds);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Gone or unwritable: another process has taken over, and both go on safely.
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMilliseconds);
  heartbeat.unref();
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > abandonedMilliseconds) return true;
    const text = await readFile(path, 'utf8');
    // Empty for the moment between creating and writing.
    if (text === '') return false;
    const owner = JSON.parse(text) as { pid: number; host: string };
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch (error) {
    // Released meanwhile; or half written, which a moment mends.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    // Another waiter was faster.
    return;
  }
  await rm(aside, { force: true });
}
