import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** A mirror on this machine: the files of a folder, each at its name. */
export interface Mirror {
  readonly url: string;
  /** The names asked for, in order. */
  readonly asked: readonly string[];
  close(): void;
}

/** Serves the files of `folder` until it is closed. */
export async function serveFolder(folder: string): Promise<Mirror> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = basename(request.url ?? '');
    asked.push(name);
    readFile(join(folder, name)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A place where nothing answers. */
export const closedMirror = 'http://127.0.0.1:9/';
