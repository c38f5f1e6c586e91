import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCompiler } from './compile-binding.ts';
import { installEngine } from './install.ts';
import { runCommand } from './run-command.ts';
import { runBin } from './testing/run-engine.ts';
import { tensorflowWheels } from './wheels.ts';

let folder: string;
let cacheDir: string;
let bin: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-install-'));
  cacheDir = join(folder, 'cache');
  bin = join(folder, 'bin');
  await mkdir(bin);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs `install` with only these programs on the PATH. */
async function installWith(programs: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  for (const [name, script] of Object.entries(programs)) {
    if (script.startsWith('/')) await symlink(script, join(bin, name));
    else {
      await writeFile(join(bin, name), script);
      await chmod(join(bin, name), 0o755);
    }
  }
  const args = ['install', '--device', 'cpu', '--cache-dir', cacheDir];
  const { status, stderr } = await runBin(args, { PATH: bin, CXX: '', ...env });
  expect(status).toBe(1);
  expect(existsSync(join(cacheDir, 'install.lock')), 'the lock is released').toBe(false);
  return stderr;
}

async function pathOf(program: string): Promise<string> {
  return (await runCommand('sh', ['-c', `command -v ${program}`])).stdout.trim();
}

describe('installEngine without what it needs', () => {
  it('names the missing compiler', async () => {
    expect(await installWith({})).toMatch(/no C\+\+ compiler on the PATH .*apt install g\+\+/);
  });

  it('names the compiler that CXX names wrongly', async () => {
    expect(await installWith({}, { CXX: 'no-such-compiler' })).toMatch(/tried no-such-compiler/);
  });

  it('names the missing Python', async () => {
    const compiler = await pathOf((await findCompiler()).command);
    expect(await installWith({ 'g++': compiler })).toMatch(/no python3 on the PATH.*apt install python3/);
  });

  it('names the missing pip', async () => {
    const compiler = await pathOf((await findCompiler()).command);
    // A Python like Debian's without the package python3-pip.
    const python = `#!/bin/sh\ncase "$*" in *pip*) echo "No module named pip" >&2; exit 1;; esac\nexec ${await pathOf('python3')} "$@"\n`;
    const said = await installWith({ 'g++': compiler, python3: python }, { PATH: `${bin}:/usr/bin:/bin` });
    expect(said).toMatch(/has no pip \(No module named pip\).*apt install python3-pip/);
  });

  it('says that the package index is out of reach', async () => {
    const { status, stderr } = await runBin(['install', '--device', 'cpu', '--cache-dir', cacheDir], {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple', // The discard port: nothing listens there.
      PIP_RETRIES: '1',
      PIP_FIND_LINKS: '',
      PIP_NO_INDEX: '',
    });
    expect(stderr).toMatch(/pip can't reach its package index .*Check the network/);
    expect(stderr).toMatch(/274 MB to download, 854 MB on disk/);
    expect(status).toBe(1);
    expect(await readdir(join(cacheDir, 'downloads')), 'nothing half-finished stays').toEqual([]);
  });

  it('says that pip ran out of disk', async () => {
    const compiler = await pathOf((await findCompiler()).command);
    const python = `#!/bin/sh\ncase "$*" in *download*) echo "OSError: [Errno 28] No space left on device" >&2; exit 2;; esac\nexec ${await pathOf('python3')} "$@"\n`;
    const said = await installWith({ 'g++': compiler, python3: python }, { PATH: `${bin}:/usr/bin:/bin` });
    expect(said).toMatch(/ran out of disk space .*SUPERCONVERGENCE_CACHE/);
  });

  it('refuses a wheel with the wrong content, and deletes it', async () => {
    const wheel = join(cacheDir, 'downloads', tensorflowWheels.cpu.file);
    await mkdir(join(cacheDir, 'downloads'), { recursive: true });
    await writeFile(wheel, 'not TensorFlow');
    await expect(installEngine({ device: 'cpu', cacheDir, quiet: true })).rejects.toMatchObject({
      code: 'hash-mismatch',
      message: expect.stringContaining('is not the published file') as string,
    });
    expect(existsSync(wheel)).toBe(false);
  });

  it('does not use the network when told so', async () => {
    const installing = installEngine({ device: 'cpu', cacheDir, offline: true, quiet: true });
    await expect(installing).rejects.toMatchObject({ code: 'offline' });
  });

  it('says that the cache cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const installing = installEngine({ device: 'cpu', cacheDir: join(folder, 'file', 'cache'), quiet: true });
    await expect(installing).rejects.toMatchObject({
      code: 'cache-unwritable',
      message: expect.stringContaining('SUPERCONVERGENCE_CACHE') as string,
    });
  });

  it('clears away what a killed installation left', async () => {
    const left = join(cacheDir, 'downloads', 'abc.partial');
    await mkdir(left, { recursive: true });
    await expect(installEngine({ device: 'cpu', cacheDir, offline: true, quiet: true })).rejects.toThrow();
    expect(existsSync(left)).toBe(false);
  });
});
