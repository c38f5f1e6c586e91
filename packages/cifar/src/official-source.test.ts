import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { officialArchive, verifyArchive } from './archives.ts';
import { fetchOfficial } from './official-source.ts';
import type { CifarProgress } from './progress.ts';

let folder = '';
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cifar-official-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/archive`;
}

const ignore = (): void => undefined;

describe('fetchOfficial', () => {
  it('brings the bytes and counts them', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(300_000, 7)));
    const events: CifarProgress[] = [];
    const path = await fetchOfficial(folder, (event) => events.push(event), { url });
    expect(path).toBe(join(folder, 'cifar-10-binary.tar.gz'));
    expect(readFileSync(path)).toEqual(Buffer.alloc(300_000, 7));
    expect(events.at(-1)).toMatchObject({
      phase: 'download',
      source: 'official',
      bytes: 300_000,
      total: 170_052_171,
    });
    await expect(verifyArchive(path, officialArchive)).rejects.toMatchObject({ code: 'integrity' });
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
    ['says nothing', ignore, /nothing came for 0\.3 s/],
    ['stops in the middle', (_, response) => response.write('some'), /nothing came for 0\.3 s/],
  ])('gives up on an archive that %s', async (_, listener, message) => {
    const url = await serve(listener);
    await expect(fetchOfficial(folder, ignore, { url, stallAfterMilliseconds: 300 })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(message) as string,
    });
  });

  it('stops when told to', async () => {
    const url = await serve((_, response) => response.write('some'));
    const signal = AbortSignal.timeout(200);
    await expect(fetchOfficial(folder, ignore, { url, signal })).rejects.toThrow(/timeout/);
  });
});

describe('verifyArchive', () => {
  it('finds one wrong byte', async () => {
    const url = await serve((_, response) => response.end('pictures'));
    const path = await fetchOfficial(folder, ignore, { url });
    const archive = {
      source: 'official',
      fileName: 'small',
      bytes: 8,
      // printf pictures | md5sum; printf picturez | sha256sum
      digests: {
        md5: '9ed98e5c3e9685aa3de82c99009a2ed3',
        sha256: '86b705a873914b6cb2a7f7c0ae2827646b06c2d92359b9bf6068f71f18ee5fe9',
      },
    } as const;
    const right = { ...archive, digests: { md5: archive.digests.md5 } };
    await expect(verifyArchive(path, right)).resolves.toBeUndefined();
    await expect(verifyArchive(path, archive)).rejects.toThrow(
      /is not the published small: its sha256 differs/,
    );
  });
});
