import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, fileError } from './errors.ts';

/** The holder touches the lock every 5 s; untouched for a minute, it is taken to be left behind. */
const heartbeatMs = 5_000;
const staleMs = 60_000;
/** Replacing a left-behind lock takes milliseconds, so a replacement this old was itself cut off. */
const takeoverMs = 10_000;

interface Owner {
  pid: number;
  /** Kernel's start time of that process: a process id alone may have been given out again. */
  started: string;
  host: string;
}

/**
 * Runs `work` while no other process does, on this machine or on one that shares the folder.
 * A lock whose process is gone is replaced.
 *
 * @param path the lock: a folder that exists while it is held
 * @param options.timeoutSeconds how long to wait for another holder; 0 not at all
 * @param options.onWait called once, with the other holder's process id, when it has to wait
 * @throws {EngineError} `locked` when the time is over
 */
export async function withInstallLock<T>(
  path: string,
  options: { timeoutSeconds: number; onWait?: (pid: number | undefined) => void },
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  let waiting = false;
  while (!(await take(path))) {
    const owner = await readOwner(path);
    if (Date.now() >= deadline) {
      const who = owner === undefined ? 'Another process' : `Process ${owner.pid} on ${owner.host}`;
      throw new EngineError('locked', `${who} is installing the engine (lock ${path})`);
    }
    if (!waiting) options.onWait?.(owner?.pid);
    waiting = true;
    await sleep(200);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined); // The lock was removed by hand: nothing to keep alive.
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { recursive: true, force: true });
  }
}

/** Creates the lock, complete with its owner, in one step; false when another holds it. */
async function take(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}.tmp`;
  const owner: Owner = { pid: process.pid, started: processStart(process.pid) ?? '', host: hostname() };
  try {
    await mkdir(draft);
    await writeFile(join(draft, 'owner.json'), JSON.stringify(owner));
    // Renaming a folder onto a folder that isn't empty fails, so only one process can succeed.
    await rename(draft, path);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw fileError(error, path);
  }
  if (await isLeftBehind(path)) await removeLeftBehind(path);
  return false;
}

async function isLeftBehind(path: string): Promise<boolean> {
  const age = await ageMs(path);
  if (age === undefined) return false;
  if (age > staleMs) return true;
  const owner = await readOwner(path);
  if (owner?.host !== hostname()) return false;
  return owner.started !== (processStart(owner.pid) ?? 'gone');
}

/** Removes a left-behind lock; a second lock sees to it that nobody removes the one that replaces it. */
async function removeLeftBehind(path: string): Promise<void> {
  const takeover = `${path}.takeover`;
  try {
    await mkdir(takeover);
  } catch {
    const age = await ageMs(takeover);
    if (age !== undefined && age > takeoverMs) await rmdir(takeover).catch(() => undefined);
    return;
  }
  try {
    if (await isLeftBehind(path)) await rm(path, { recursive: true, force: true });
  } finally {
    await rmdir(takeover).catch(() => undefined);
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'owner.json'), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function ageMs(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat, when the kernel started the process; undefined when there is none. */
function processStart(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold blanks.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
