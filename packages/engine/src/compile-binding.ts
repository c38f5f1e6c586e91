import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from './errors.ts';
import { lastLines, runCommand } from './run-command.ts';

/** Node-API version of the binding; Node 20.19 and every later one has it. */
const nodeApiVersion = 8;

/** Changes when the flags below do, so that cached bindings are compiled anew. */
const recipe = 5;

/** The C++ sources of `session.node`; at the same place seen from `src` and from `dist`. */
const nativeSources = fileURLToPath(new URL('../native/', import.meta.url));

/** Name of the folder that holds the binding made from this version of tfjs-node-gpu. */
export function bindingFolderName(tfjsNodeVersion: string): string {
  return `binding-tfjs-node-${tfjsNodeVersion}${bindingFolderEnding()}`;
}

/** How the names of folders end that this engine makes, from whichever version of tfjs-node-gpu. */
export function bindingFolderEnding(): string {
  ending ??= `-napi${nodeApiVersion}-${recipe}-${hashNativeSources()}`;
  return ending;
}

let ending: string | undefined;

/** So that whoever changes them gets them compiled. */
function hashNativeSources(): string {
  const hash = createHash('sha256');
  const entries = readdirSync(nativeSources, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) hash.update(path.slice(nativeSources.length)).update(readFileSync(path));
  return hash.digest('hex').slice(0, 8);
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
 * Compiles tfjs-node-gpu's C++ sources and the engine's own session against an unpacked TensorFlow, once; takes about
 * 20 seconds. The result finds TensorFlow by a path relative to itself, so the cache may be moved.
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
  const { tensorflow, tfjsNode, target } = options;
  const compiler = await findCompiler();
  await mkdir(target, { recursive: true });
  const addon = (name: string) => join(target, name);
  const quiet = addon('quiet.cc');
  await writeFile(quiet, quietSource);
  await Promise.all([
    compileAddon(compiler, tensorflow, {
      flags: ['-O3', '-I', tfjsNode],
      sources: join(tfjsNode, 'binding'),
      result: addon('tfjs_binding.node'),
    }),
    compileSession({ tensorflow, result: addon('session.node') }),
    runCompiler(compiler, ['-O1', ...shared, quiet, '-ldl', '-o', addon('quiet.node')]),
  ]);
  await writeFile(join(target, 'NOTICE'), notice);
  await copyFile(join(tensorflow, 'include', 'LICENSE'), join(target, 'LICENSE'));
}

/**
 * Compiles the engine's own session.
 *
 * @param result path of the addon, in a folder beside that of TensorFlow
 * @param flags further ones, which win over the usual
 * @throws {EngineError} `no-compiler`, `compile-failed`
 */
export async function compileSession(options: {
  tensorflow: string;
  result: string;
  flags?: readonly string[];
}): Promise<void> {
  await compileAddon(await findCompiler(), options.tensorflow, {
    flags: [...sessionFlags, ...(options.flags ?? [])],
    sources: nativeSources,
    result: options.result,
  });
}

async function compileAddon(
  compiler: { command: string; version: string },
  tensorflow: string,
  addon: { flags: string[]; sources: string; result: string },
): Promise<void> {
  await runCompiler(compiler, [
    ...[...shared, ...addon.flags, '-I', nodeHeaders(), '-I', join(tensorflow, 'include')],
    ...(await findSources(addon.sources)),
    ...['-L', tensorflow, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN/../tensorflow', '-o', addon.result],
  ]);
}

const shared = ['-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${nodeApiVersion}`];

/**
 * Nothing is tuned to this processor: the cache may move to another. Never unloaded, because TensorFlow keeps kernels
 * and Node would unload it with the last worker thread that uses it.
 */
const sessionFlags = [
  ...['-O3', '-fno-math-errno', '-fvisibility=hidden', '-pthread', '-Wl,-z,nodelete'],
  // TensorFlow's kernels.h wants two headers that it doesn't need; the C interface comes without them.
  ...['-DIS_SLIM_BUILD', '-I', join(nativeSources, 'include')],
];

function nodeHeaders(): string {
  const headers = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
  return headers.include_dir;
}

async function findSources(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cc'));
  return names.sort().map((name) => join(folder, name));
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
session.node was compiled on this machine from the files native/* of @superconvergence/engine. MIT licence.
Both use the TensorFlow in the folder ../tensorflow, Copyright The TensorFlow Authors, under the same licence;
its own third-party notices are in ../tensorflow/THIRD_PARTY_NOTICES.txt.
`;
