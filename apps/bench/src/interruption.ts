import { exitCodes } from './exit-codes.ts';

export interface MessageToWorker {
  readonly type: 'stop';
}

/** What the parent should tell the user on an interruption. */
export interface MessageFromWorker {
  readonly goOnWith: string;
}

let current: AbortController | undefined;

/** Lets the parent process stop this one. Called once, by each program that runs as a child. */
export function obeyParent(): void {
  process.on('message', ({ type }: { readonly type: string }) => {
    if (type !== 'stop') return;
    if (current) current.abort();
    else process.exit(exitCodes.interrupted);
  });
  // The parent is gone: nobody reads the results any more.
  process.on('disconnect', () => process.exit(exitCodes.interrupted));
  // Listening must not keep a finished command alive.
  process.channel?.unref();
}

/** Thrown when work stopped because the user asked for it. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/**
 * Runs `work`, which answers an interruption by stopping at a good moment. Outside of it an interruption ends the
 * process at once, which is always safe: files are written beside and renamed.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const outer = current;
  const controller = new AbortController();
  current = controller;
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? new Interrupted() : error;
  } finally {
    current = outer;
  }
}

/** Says how the work could be gone on with if it were interrupted from now on. */
export function announceGoOnWith(goOnWith: string): void {
  process.send?.({ goOnWith } satisfies MessageFromWorker);
}
