import { link, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSession, findCompiler } from './compile-binding.ts';
import type { Installation } from './install.ts';
import { installEngine } from './install.ts';
import { writeManifest } from './manifest.ts';
import { runCommand } from './run-command.ts';
import { runModule } from './testing/run-engine.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await installEngine({ device: 'cpu' });
});

const values = JSON.stringify(new URL('./testing/native-values.ts', import.meta.url).href);

/** Runs of every kind; `count` times each, on a session made anew every 1,000 times. */
const soak = `
  import { setImmediate } from 'node:timers/promises';
  import { addConstant, addInput, addVariable, float32, int32, loadSessions } from ${values};
  const native = await loadSessions();
  async function soak(count) {
    const graph = native.createGraph();
    addVariable(graph, 'v');
    addInput(graph, 'x');
    addConstant(graph, 'two', float32([2], []));
    graph.addOperation({ type: 'Mul', name: 'y', inputs: ['x', 'two'] });
    const x = float32(Array.from({ length: 256 }, (_, index) => index));
    let session;
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 0) {
        session?.close();
        session = native.createSession(graph);
        session.runSync({ 'v/value': float32([0], []) }, [], ['v/assign']);
      }
      const runs = [
        session.run({ x }, ['y', 'v/read']),
        session.run({ 'v/value': float32([1], []) }, [], ['v/add']),
        session.run({ x: int32([1]) }, ['y']).catch((error) => error),
        session.run({}, ['y']).catch((error) => error),
      ];
      const [[y]] = await Promise.all(runs);
      if (y.data[255] !== 510) throw new Error('wrong: ' + y.data[255]);
      try { graph.addOperation({ type: 'MatMul', name: 'bad', inputs: ['x', 'two'] }); } catch {}
      if (i % 100 === 0) await setImmediate();
    }
    session.close();
    graph.dispose();
  }`;

describe('a long life', () => {
  it('does not take more memory with every run', async () => {
    const { status, stdout, stderr } = await runModule(
      `${soak}
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      const megabytes = () => { collect(); return process.memoryUsage().rss / 2 ** 20; };
      await soak(5000);
      const before = megabytes();
      await soak(25_000);
      console.log(megabytes() - before);`,
      { NODE_OPTIONS: '--max-semi-space-size=2' }, // V8 would take 64 MB for its youngest objects, little by little.
    );
    expect(status, stderr).toBe(0);
    // 100,000 runs, half of them refused. A leak of their feeds and results alone would be 50 MB.
    expect(Number(stdout)).toBeLessThan(20);
  });
});

describe('with AddressSanitizer', () => {
  let root: string;
  let library: string;

  beforeAll(async () => {
    const { command } = await findCompiler();
    library = (await runCommand(command, ['-print-file-name=libasan.so'])).stdout.trim();
    expect(isAbsolute(library), `${command} has AddressSanitizer's library`).toBe(true);
    // Beside the real cache, so that the large files can be hard links.
    root = await mkdtemp(join(dirname(installation.folder), 'test-asan-'));
    const folder = join(root, 'engine', basename(installation.folder));
    await linkFolder(join(installation.folder, 'tensorflow'), join(folder, 'tensorflow'));
    const binding = join(folder, basename(dirname(installation.binding)));
    await linkFolder(dirname(installation.binding), binding);
    await rm(join(binding, 'session.node'));
    const flags = ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address'];
    await compileSession({
      tensorflow: join(folder, 'tensorflow'),
      result: join(binding, 'session.node'),
      flags,
    });
    await rm(join(binding, 'manifest.json')); // A hard link: the real one must stay.
    await writeManifest(binding, {});
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const environment = (leaks: 0 | 1): NodeJS.ProcessEnv => ({
    SUPERCONVERGENCE_CACHE: root,
    LD_PRELOAD: library,
    ASAN_OPTIONS: `detect_leaks=${leaks}:log_path=${join(root, 'report')}`,
  });

  it('passes the other tests', async () => {
    const vitest = fileURLToPath(new URL('../vitest.mjs', import.meta.resolve('vitest')));
    const args = [vitest, 'run', 'packages/engine/src/native-'];
    const { status, stdout, stderr } = await runCommand(process.execPath, args, {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: environment(0),
    });
    expect(await reports(root), stdout).toEqual([]);
    expect(status, stdout + stderr).toBe(0);
  });

  it('loses no memory', async () => {
    const { stdout, stderr } = await runModule(
      `${soak} await soak(1100); console.log('done');`,
      environment(1),
    );
    expect(stdout, stderr).toBe('done\n');
    const leaks = (await reports(root)).flatMap((report) => report.split(/^(?=(?:Direct|Indirect) leak)/m));
    // Node doesn't free its own side of externals at its end; other leaks are V8's, OpenSSL's and tfjs's.
    const ours = leaks.filter(
      (leak) => leak.includes('session.node') && !leak.includes('in napi_create_external'),
    );
    expect(leaks, 'it looked for leaks').not.toEqual([]);
    expect(ours).toEqual([]);
  });
});

/** What AddressSanitizer wrote, one text per process. */
async function reports(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('report'));
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else await link(source, target);
  }
}
