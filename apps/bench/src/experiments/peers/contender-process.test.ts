import { describe, expect, it } from 'vitest';
import { ContenderFailure, startContender } from './contender-process.ts';

const never = new AbortController().signal;

/** A contender that answers from a script of lines. */
const scripted = (code: string) => ({ command: process.execPath, args: ['-e', code] });

const ready = JSON.stringify({
  event: 'ready',
  secondsFirstStep: 0.5,
  loss: 2,
  parameters: 3,
  versions: {},
  settings: '',
});

describe('startContender', () => {
  it('tells the contender what to do and gives its answers', async () => {
    const contender = await startContender(
      scripted(`
        console.log(${JSON.stringify(ready)});
        require('node:readline').createInterface(process.stdin).on('line', (line) => {
          const { run, quit } = JSON.parse(line);
          console.log(quit
            ? '{"event": "done", "peakRssBytes": 7}'
            : '{"event": "round", "steps": 2, "seconds": ' + run + ', "cpuSeconds": 1, "loss": NaN}');
        });
      `),
      never,
    );
    expect(contender.ready).toMatchObject({ secondsFirstStep: 0.5, parameters: 3 });
    expect(contender.secondsToFirstStep).toBeGreaterThan(0);
    expect(await contender.run(3)).toMatchObject({ steps: 2, seconds: 3, loss: null });
    expect(await contender.quit()).toEqual({ event: 'done', peakRssBytes: 7 });
  });

  it('gives the sentence of an error as the reason of a failure', async () => {
    const code = `process.stderr.write('Traceback\\n  at x\\nInductorError: no compiler\\nhint\\n'); process.exit(1)`;
    await expect(startContender(scripted(code), never)).rejects.toThrow(
      new ContenderFailure('InductorError: no compiler'),
    );
  });

  it('says that there is no such program, and what is no event', async () => {
    await expect(startContender({ command: 'no-such-python', args: [] }, never)).rejects.toThrow(/ENOENT/);
    await expect(startContender(scripted(`console.log('hello')`), never)).rejects.toThrow(
      /it said "hello", which is no event/,
    );
  });

  it('notices a contender that ends between its rounds', async () => {
    const code = `console.log(${JSON.stringify(ready)}); process.stdin.once('data', () => process.exit(3))`;
    const contender = await startContender(scripted(code), never);
    await expect(contender.run(1)).rejects.toThrow('it ended by exit code 3');
    await expect(contender.run(1)).rejects.toThrow('it ended by exit code 3');
  });

  it('is ended by the signal', async () => {
    const controller = new AbortController();
    const code = `console.log(${JSON.stringify(ready)}); process.stdin.resume()`;
    const contender = await startContender(scripted(code), controller.signal);
    const round = contender.run(1);
    controller.abort();
    await expect(round).rejects.toThrow('it ended by SIGKILL');
  });
});
