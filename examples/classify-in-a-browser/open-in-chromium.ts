import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A page in headless Chromium. */
export interface Page {
  /** The value of a JavaScript expression there, of its promise where it is one. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

/**
 * Opens a page through the DevTools protocol, as the page goes on working after it has loaded.
 *
 * @throws Error where there is no `chromium` on the PATH; CHROMIUM names another program.
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export async function openInChromium(url: string): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), 'chromium-'));
  const options = [
    '--headless',
    '--no-sandbox',
    // WebGL on the processor.
    ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
    ...['--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
  ];
  const chromium = spawn(process.env.CHROMIUM ?? 'chromium', options, {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => chromium.once('close', resolve));
  const close = async () => {
    chromium.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const browser = await new Promise<string>((resolve, reject) => {
      let output = '';
      chromium.once('error', reject);
      chromium.once('close', () => {
        reject(new Error(`Chromium ended: ${output}`));
      });
      chromium.stderr.on('data', (chunk) => {
        output += String(chunk);
        const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    const targets = (await (await fetch(`http://${new URL(browser).host}/json`)).json()) as {
      type: string;
      webSocketDebuggerUrl: string;
    }[];
    const send = await connect(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
    await send('Page.enable');
    await send('Page.navigate', { url });
    return { close, evaluate: (expression) => evaluate(send, expression) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function evaluate(send: Send, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = (await send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  })) as { result: { value?: unknown }; exceptionDetails?: { text: string } };
  if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
  return result.value;
}

interface Answer {
  /** Events have none. */
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { message: string };
}

async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  let lastId = 0;
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, ({ result = {}, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
}
