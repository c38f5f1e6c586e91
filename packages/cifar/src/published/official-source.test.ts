import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CifarProgress } from '../progress.ts';
import { fetchOfficial } from './official-source.ts';
import type { Archive, OfficialSource } from './recipe.ts';
import { verifyArchive } from './verify-archive.ts';

let folder = '';
let servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-official-'));
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  await rm(folder, { recursive: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const content = Buffer.alloc(300_000, 7);
const archive: Archive = {
  fileName: 'pictures.gz',
  bytes: content.length,
  digests: { md5: createHash('md5').update(content).digest('hex') },
};
const quiet = { onProgress: () => undefined, signal: undefined };

function sourceAt(...mirrors: [string, ...string[]]): OfficialSource<'all'> {
  return {
    kind: 'official',
    mirrors,
    archives: [archive],
    decode: () => Promise.reject(new Error('unused')),
  };
}

describe('fetchOfficial', () => {
  it('brings the bytes, counts them and verifies them', async () => {
    const asked: (string | undefined)[] = [];
    const mirror = await serve((request, response) => {
      asked.push(request.url);
      response.end(content);
    });
    const events: CifarProgress[] = [];
    await fetchOfficial(folder, sourceAt(mirror), 'Test', {
      ...quiet,
      onProgress: (event) => events.push(event),
    });
    expect(asked).toEqual(['/pictures.gz']);
    expect(readFileSync(join(folder, 'pictures.gz'))).toEqual(content);
    expect(events.at(-2)).toEqual({
      phase: 'download',
      source: 'official',
      message: 'fetching the official Test archive',
      bytes: 300_000,
      total: 300_000,
    });
    expect(events.at(-1)).toEqual({ phase: 'verify', source: 'official', message: 'verifying pictures.gz' });
  });

  it('turns to the next mirror when one is down and another serves something else', async () => {
    const down = await serve((_, response) => response.writeHead(503).end());
    const portal = await serve((_, response) => response.end('<html>Log in first</html>'));
    const good = await serve((_, response) => response.end(content));
    await fetchOfficial(folder, sourceAt(down, portal, good), 'Test', quiet);
    expect(readFileSync(join(folder, 'pictures.gz'))).toEqual(content);

    const failing = fetchOfficial(folder, sourceAt(down, portal), 'Test', quiet);
    await expect(failing).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(
        /answered 503 Service Unavailable; .*has 25 bytes; pictures\.gz has 300000/,
      ) as string,
    });
    await expect(fetchOfficial(folder, sourceAt(portal), 'Test', quiet)).rejects.toMatchObject({
      code: 'integrity',
    });
  });

  it.each<[string, RequestListener, RegExp]>([
    ['is not there', (_, response) => response.writeHead(404).end(), /answered 404 Not Found/],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('some', () => response.destroy());
      },
      /terminated|aborted/,
    ],
    [
      'does not end',
      (_, response) => {
        const more = (): void => void response.write(Buffer.alloc(100_000), more);
        more();
      },
      /more than the 300000 bytes of pictures\.gz/,
    ],
    ['says nothing', () => undefined, /nothing came for 0\.3 s/],
    ['stops in the middle', (_, response) => response.write('some'), /nothing came for 0\.3 s/],
  ])('gives up on an archive that %s', async (_, listener, message) => {
    const source = sourceAt(await serve(listener));
    const fetching = fetchOfficial(folder, source, 'Test', { ...quiet, stallAfterMilliseconds: 300 });
    await expect(fetching).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(message) as string,
    });
  });

  it('stops when told to', async () => {
    const mirror = await serve((_, response) => response.write('some'));
    const signal = AbortSignal.timeout(200);
    await expect(fetchOfficial(folder, sourceAt(mirror), 'Test', { ...quiet, signal })).rejects.toThrow(
      /timeout/,
    );
  });
});

describe('verifyArchive', () => {
  it('finds one wrong byte', async () => {
    const path = join(folder, 'small');
    await writeFile(path, 'pictures');
    const small = {
      fileName: 'small',
      bytes: 8,
      // printf pictures | md5sum; printf picturez | sha256sum
      digests: {
        md5: '9ed98e5c3e9685aa3de82c99009a2ed3',
        sha256: '86b705a873914b6cb2a7f7c0ae2827646b06c2d92359b9bf6068f71f18ee5fe9',
      },
    };
    const right = { ...small, digests: { md5: small.digests.md5 } };
    const watch = { ...quiet, source: 'official' } as const;
    await expect(verifyArchive(path, right, watch)).resolves.toBeUndefined();
    await expect(verifyArchive(path, small, watch)).rejects.toThrow(
      /is not the published small: its sha256 differs/,
    );
  });
});
