import { beforeAll, describe, expect, it } from 'vitest';
import { installEngine } from './install.ts';
import type { CommandResult } from './run-command.ts';
import { runModule } from './testing/run-engine.ts';

beforeAll(async () => {
  await installEngine({ device: 'cpu' });
}, 600_000);

const values = JSON.stringify(new URL('./testing/native-values.ts', import.meta.url).href);

/** Runs a program that has a session `session` and the slow run `start()`. */
function run(program: string, env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return runModule(
    `import { nativeSessions } from 'engine';
    import { addSlow, float32, loadSessions } from ${values};
    console.log('before', nativeSessions());
    const native = await loadSessions();
    const graph = native.createGraph();
    addSlow(graph);
    let session = native.createSession(graph);
    const start = () => session.run({ 'slow/value': float32([0], []) }, ['slow']);
    ${program}`,
    env,
  );
}

describe('a process with a session', () => {
  it('ends by itself', async () => {
    expect(await run(`await start(); console.log('done');`)).toMatchObject({
      status: 0,
      stdout: 'before undefined\ndone\n',
    });
  });

  it('waits for what nobody awaits', async () => {
    const { status, stdout } = await run(`start().then(() => console.log('done'));`);
    expect(stdout).toContain('done');
    expect(status).toBe(0);
  });

  it.each([
    ['process.exit', 'process.exit(3);', 3],
    ['an error', `setTimeout(() => { throw new Error('thrown'); }, 50);`, 1],
  ])('leaves runs behind at %s', async (_what, program, code) => {
    // As many as would take minutes: only the one under way is waited for.
    const { status, stdout } = await run(
      `for (let i = 0; i < 2000; i++) start().then(() => i > 100 && console.log('done'), () => {}); ${program}`,
    );
    expect(stdout).not.toContain('done');
    expect(status).toBe(code);
  });

  it('frees sessions that nobody holds any more', async () => {
    const { status, stdout } = await run(
      `import { readdirSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      const threads = () => readdirSync('/proc/self/task').length;
      await start();
      const before = threads();
      for (let i = 0; i < 40; i++) {
        session = native.createSession(graph);
        session.run({}, ['slow/axes']);
        // Held by nothing but its pending run.
        if (i % 10 === 0) await start();
      }
      session = undefined;
      for (let i = 0; i < 100 && threads() > before + 2; i++) {
        collect();
        await setTimeout(20);
      }
      console.log(threads() - before);`,
    );
    expect(status).toBe(0);
    expect(Number(stdout.split('\n')[1])).toBeLessThanOrEqual(2);
  });
});

describe('worker threads', () => {
  const worker = JSON.stringify(`
    import { parentPort } from 'node:worker_threads';
    const { addSlow, float32, loadSessions } = await import(${values});
    const native = await loadSessions();
    const graph = native.createGraph();
    addSlow(graph);
    const session = native.createSession(graph, { intraOpThreads: 1 });
    const start = () => session.run({ 'slow/value': float32([0], []) }, ['slow']);
    parentPort.postMessage((await start())[0].data[0]);
    parentPort.on('message', () => { for (let i = 0; i < 1000; i++) void start(); parentPort.postMessage('busy'); });`);

  it('have sessions of their own, and may be ended in the middle of a run', async () => {
    const { status, stdout, stderr } = await run(`
      import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      const url = new URL('data:text/javascript,' + encodeURIComponent(${worker}));
      const workers = [0, 1, 2].map(() => new Worker(url));
      const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
      for (const [answer] of answers) console.log('worker', answer);
      for (const worker of workers) {
        worker.postMessage('go');
        console.log((await once(worker, 'message'))[0]);
      }
      console.log('ended', await workers[0].terminate(), await workers[1].terminate());
      console.log('here', (await start())[0].data[0]);
      workers[2].postMessage('go');
      process.exit(5);`);
    expect(stdout, stderr).toBe(
      'before undefined\nworker 0\nworker 0\nworker 0\nbusy\nbusy\nbusy\nended 1 1\nhere 0\n',
    );
    expect(status, stderr).toBe(5);
  });
});
