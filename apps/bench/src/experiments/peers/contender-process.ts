import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandLine } from './contenders.ts';
import {
  parseEvent,
  type ContenderEvent,
  type ContenderRequest,
  type DoneEvent,
  type ReadyEvent,
  type RoundEvent,
} from './protocol.ts';

/** Why a contender can't be measured; the table says so and the others go on. */
export class ContenderFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContenderFailure';
  }
}

/** A contender in a process of its own: idle, and using no processor, unless it runs a round. */
export interface ContenderProcess {
  readonly ready: ReadyEvent;
  /** From the start of the process to the end of its first training step. */
  readonly secondsToFirstStep: number;
  /** Whole training steps for at least so long; at least one. */
  run(seconds: number): Promise<RoundEvent>;
  /** Ends it in peace. */
  quit(): Promise<DoneEvent>;
  /** Ends it at once; does nothing when it has ended. */
  kill(): void;
}

/** Kept of standard error, for the reason of a failure. */
const errorCharacters = 10_000;

/**
 * Starts a contender and waits for its first step.
 *
 * @param signal ends the process at once
 * @param temporaryFolder what it leaves there the caller removes; torch.compile's cache lies there, so a new folder is
 * a cold one
 * @throws {ContenderFailure} when it ends or says what nobody understands, here and in its methods
 */
export async function startContender(
  { command, args }: CommandLine,
  signal: AbortSignal,
  temporaryFolder: string = tmpdir(),
): Promise<ContenderProcess> {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const child = spawn(command, args, {
    stdio: 'pipe',
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      CUDA_VISIBLE_DEVICES: '-1',
      TMPDIR: temporaryFolder,
      TORCHINDUCTOR_CACHE_DIR: join(temporaryFolder, 'inductor'),
    },
  });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  process.once('exit', kill);

  let said = '';
  let failure: Error | undefined;
  let waiting: { resolve: (event: ContenderEvent) => void; reject: (error: Error) => void } | undefined;
  const fail = (message: string) => {
    failure ??= new ContenderFailure(message);
    waiting?.reject(failure);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-errorCharacters);
  });
  // The reason of an end is in `close`.
  child.stdin.on('error', () => undefined);
  createInterface(child.stdout).on('line', (line) => {
    try {
      waiting?.resolve(parseEvent(line));
    } catch {
      fail(`it said ${JSON.stringify(line.slice(0, 200))}, which is no event`);
      kill();
    }
  });
  child.on('error', ({ message }) => {
    fail(message);
  });
  child.on('close', (code, endedBy) => {
    signal.removeEventListener('abort', kill);
    process.off('exit', kill);
    fail(lastSentence(said) || `it ended by ${endedBy ?? `exit code ${code}`}`);
  });

  async function next<E extends ContenderEvent['event']>(
    event: E,
  ): Promise<Extract<ContenderEvent, { event: E }>> {
    const answer = await new Promise<ContenderEvent>((resolve, reject) => {
      waiting = { resolve, reject };
      if (failure) reject(failure);
    });
    if (answer.event === event) return answer as Extract<ContenderEvent, { event: E }>;
    kill();
    throw new ContenderFailure(`it answered with ${answer.event} instead of ${event}`);
  }
  const ask = (request: ContenderRequest) => child.stdin.write(`${JSON.stringify(request)}\n`);

  const ready = await next('ready');
  const secondsToFirstStep = (performance.now() - startedAt) / 1000;
  return {
    ready,
    secondsToFirstStep,
    run(seconds) {
      ask({ run: seconds });
      return next('round');
    },
    async quit() {
      ask({ quit: true });
      const done = await next('done');
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('close', resolve));
      }
      return done;
    },
    kill,
  };
}

/** The last line of what a program printed: the error's own in Python, the message's in Node's bench. */
function lastSentence(text: string): string {
  const lines = text.trim().split('\n');
  return (
    lines.findLast((line) => /^(error: |\w*(Error|Exception)\b)/.test(line)) ??
    lines.at(-1) ??
    ''
  ).slice(0, 300);
}
