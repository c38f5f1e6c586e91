/** Serves the page, plain TensorFlow.js and what train.ts wrote, on 127.0.0.1 alone. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const modelFolder = here('model');

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  bin: 'application/octet-stream',
};

/**
 * @param port 0: any that is free
 * @param folder what `train.ts` wrote
 */
export async function serve(
  port: number,
  folder: string = modelFolder,
): Promise<{ url: string; close: () => void }> {
  const files = filesOf(folder);
  const server = createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    const file = files[path];
    if (file === undefined || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = contentTypes[file.slice(file.lastIndexOf('.') + 1)];
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(readFileSync(file));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actualPort}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Address → file: nothing else is served. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = ['model.json', 'weights.bin', 'pictures.json', 'pictures.bin'];
  return {
    '/': here('index.html'),
    '/page.js': here('page.js'),
    '/style.css': here('style.css'),
    // One file with everything, as published.
    '/tfjs.js': fileURLToPath(import.meta.resolve('@tensorflow/tfjs/dist/tf.fesm.min.js')),
    ...Object.fromEntries(names.map((name) => [`/model/${name}`, join(folder, name)])),
  };
}

if (import.meta.main) {
  if (existsSync(modelFolder)) {
    const port = Number(process.env.PORT ?? 8080);
    try {
      const { url } = await serve(port);
      console.log(`${url} (Ctrl-C ends it)`);
    } catch (error) {
      console.error(`Port ${port} can't be used (${String(error)}): PORT=3000 chooses another.`);
      process.exitCode = 1;
    }
  } else {
    console.error('There is no model yet. First run the script `train`: see README.md.');
    process.exitCode = 1;
  }
}
