/**
 * The command that a person starts. The work is done by a child process, because a training step on native TensorFlow
 * blocks Node's event loop for seconds: this small parent stays free to answer Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exitCodes } from './exit-codes.ts';
import type { MessageFromWorker, MessageToWorker } from './interruption.ts';

/** How long the work may take to save a checkpoint before it is ended: the prompt is promised back within 2 s. */
const graceMilliseconds = 1_400;

const worker = spawn(
  process.execPath,
  [fileURLToPath(new URL('main.ts', import.meta.url)), ...process.argv.slice(2)],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: the terminal's Ctrl-C reaches only this parent, and the group ends together.
    detached: true,
  },
);

let interrupted = false;
let goOnWith: string | undefined;

worker.on('message', (message: MessageFromWorker) => {
  goOnWith = message.goOnWith;
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted) {
      endWorker();
      return;
    }
    interrupted = true;
    if (worker.connected) worker.send({ type: 'stop' } satisfies MessageToWorker);
    setTimeout(endWorker, graceMilliseconds).unref();
  });
}

worker.on('exit', (code, signal) => {
  if (interrupted) {
    process.stderr.write(
      `\nInterrupted. ${goOnWith ?? 'Nothing was in progress that could be gone on with.'}\n`,
    );
    process.exitCode = exitCodes.interrupted;
  } else {
    if (signal) process.stderr.write(`\nThe work was ended by ${signal}. ${goOnWith ?? ''}\n`);
    process.exitCode = code ?? exitCodes.failure;
  }
});

function endWorker(): void {
  if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  try {
    process.kill(-worker.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
