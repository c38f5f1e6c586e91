import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EngineError } from './errors.ts';
import { lastLines, runCommand } from './run-command.ts';

/** Node-API version of the binding; Node 20.19 and every later one has it. */
const nodeApiVersion = 8;

/** Changes when the flags below do, so that cached bindings are compiled anew. */
const recipe = 3;

/** Name of the folder that holds the binding made from this version of tfjs-node-gpu. */
export function bindingFolderName(tfjsNodeVersion: string): string {
  return `binding-tfjs-node-${tfjsNodeVersion}-napi${nodeApiVersion}-${recipe}`;
}

/**
 * Finds a C++ compiler: the CXX environment variable, else g++, c++ or clang++.
 *
 * @returns its command and the first line of its `--version`
 * @throws {EngineError} `no-compiler`
 */
export async function findCompiler(): Promise<{ command: string; version: string }> {
  const named = process.env.CXX;
  const candidates = named === undefined || named === '' ? ['g++', 'c++', 'clang++'] : [named];
  for (const command of candidates) {
    const { status, stdout } = await runCommand(command, ['--version']);
    if (status === 0) return { command, version: stdout.split('\n')[0] ?? '' };
  }
  throw new EngineError(
    'no-compiler',
    `There is no C++ compiler on the PATH (tried ${candidates.join(', ')})`,
  );
}

/**
 * Compiles tfjs-node-gpu's C++ sources against an unpacked TensorFlow, once; takes about 10 seconds.
 * The result finds TensorFlow by a path relative to itself, so the cache may be moved.
 *
 * @param tensorflow folder with `libtensorflow_cc.so.2` and `include`, beside which `target` lies
 * @param tfjsNode tfjs-node-gpu's folder
 * @throws {EngineError} `no-compiler`, `compile-failed`
 */
export async function compileBinding(options: {
  tensorflow: string;
  tfjsNode: string;
  target: string;
}): Promise<void> {
  const compiler = await findCompiler();
  const sources = (await readdir(join(options.tfjsNode, 'binding'))).filter((name) => name.endsWith('.cc'));
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers') as {
    include_dir: string;
  };
  await mkdir(options.target, { recursive: true });
  const shared = ['-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${nodeApiVersion}`];
  await runCompiler(compiler, [
    ...[
      '-O3',
      ...shared,
      '-I',
      options.tfjsNode,
      '-I',
      nodeHeaders,
      '-I',
      join(options.tensorflow, 'include'),
    ],
    ...sources.map((name) => join(options.tfjsNode, 'binding', name)),
    ...['-L', options.tensorflow, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN/../tensorflow', '-o', join(options.target, 'tfjs_binding.node')],
  ]);
  const quiet = join(options.target, 'quiet.cc');
  await writeFile(quiet, quietSource);
  await runCompiler(compiler, ['-O1', ...shared, quiet, '-ldl', '-o', join(options.target, 'quiet.node')]);
  await writeFile(join(options.target, 'NOTICE'), notice);
  await copyFile(join(options.tensorflow, 'include', 'LICENSE'), join(options.target, 'LICENSE'));
}

async function runCompiler(compiler: { command: string; version: string }, args: string[]): Promise<void> {
  const { status, stderr } = await runCommand(compiler.command, args);
  if (status === 0) return;
  throw new EngineError(
    'compile-failed',
    `${compiler.version} could not compile the binding (${lastLines(stderr, 6)})`,
  );
}

/**
 * TensorFlow's library prints two lines while its static initialisers run, before any setting of its log applies.
 * This addon loads that library with standard error closed for the moment; that it can't be loaded still shows,
 * when the binding itself is loaded.
 */
const quietSource = `#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>
extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  const int saved = dup(2), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved < 0 || null < 0) return exports;
  dup2(null, 2);
  dlopen("$ORIGIN/../tensorflow/libtensorflow_framework.so.2", RTLD_NOW);
  dup2(saved, 2);
  close(saved);
  close(null);
  return exports;
}
`;

const notice = `tfjs_binding.node was compiled on this machine from the files binding/*.cc and binding/*.h of
@tensorflow/tfjs-node-gpu, https://github.com/tensorflow/tfjs, unchanged.
Copyright Google LLC. Licensed under the Apache License, Version 2.0 (the file LICENSE beside this one).
It uses the TensorFlow in the folder ../tensorflow, Copyright The TensorFlow Authors, under the same licence;
its own third-party notices are in ../tensorflow/THIRD_PARTY_NOTICES.txt.
`;
