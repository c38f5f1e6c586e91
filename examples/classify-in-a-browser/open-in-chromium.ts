import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A page in headless Chromium. */
export interface Page {
  /** The value of a JavaScript expression there, of its promise where it is one. */
  evaluate(expression: string): Promise<unknown>;
  /** PNG of the whole page. */
  screenshot(options: { width: number; colorScheme: 'light' | 'dark' }): Promise<Uint8Array>;
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
    return {
      close,
      evaluate: (expression) => evaluate(send, expression),
      async screenshot({ width, colorScheme }) {
        const features = [{ name: 'prefers-color-scheme', value: colorScheme }];
        await send('Emulation.setEmulatedMedia', { features });
        const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: false };
        await send('Emulation.setDeviceMetricsOverride', metrics);
        const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true });
        return Buffer.from(String(data), 'base64');
      },
    };
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

async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> };
    if (id === undefined) return;
    waiting.get(id)?.(result ?? {});
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  let lastId = 0;
  return (method, params = {}) =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
}
