import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkEngine } from './link.ts';
import { runCommand } from './run-command.ts';
import { installedTfjsNode } from './tfjs-node.ts';

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'engine-link-'));
});
afterEach(() => rm(project, { recursive: true, force: true }));

describe('linkEngine', () => {
  it('makes a plain import of tfjs-node-gpu work, with a session beside it', async () => {
    const tfjsNode = installedTfjsNode()?.folder ?? '';
    const copy = join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
    await mkdir(copy, { recursive: true });
    for (const part of ['package.json', 'dist', 'binding']) {
      await cp(join(tfjsNode, part), join(copy, part), { recursive: true });
    }
    await writeFile(join(project, 'package.json'), '{}');
    await writeFile(
      join(project, 'main.cjs'),
      `const tf = require('@tensorflow/tfjs-node-gpu');
       console.log(tf.getBackend(), tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync().join());
       import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)}).then(({ nativeSessions }) => {
         const native = nativeSessions();
         const graph = native.createGraph();
         graph.addOperation({ type: 'Const', name: 'c', attributes: {
           dtype: { type: 'type', value: 1 },
           value: { type: 'tensor', value: { dtype: 1, shape: [], data: Float32Array.of(7) } } } });
         console.log(native.createSession(graph).runSync({}, ['c'])[0].data[0]);
       });`,
    );
    expect(await linkEngine({ project, device: 'cpu' })).toBe(
      join(copy, 'lib', 'napi-v8', 'tfjs_binding.node'),
    );
    await linkEngine({ project, device: 'cpu' }); // A second time is no error.
    // Its dependencies, node-pre-gyp among them, come from where pnpm keeps those of the workspace.
    const compat = new URL('./compat.ts', import.meta.url).href;
    const env = {
      NODE_PATH: [join(tfjsNode, '../..'), join(tfjsNode, '../../../../node_modules')].join(':'),
      TF_CPP_MIN_LOG_LEVEL: '3',
    };
    const { stdout, stderr } = await runCommand(
      process.execPath,
      ['--import', compat, join(project, 'main.cjs')],
      { env },
    );
    expect(stdout.trim(), stderr).toBe('tensorflow 2,2,2,2\n7');
  });
});
