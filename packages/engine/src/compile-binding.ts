import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EngineError } from './errors.ts';
import { lastLines, runCommand } from './run-command.ts';

/** Node-API version of the binding; Node 20.19 and every later one has it. */
const nodeApiVersion = 8;

/** Changes when the flags below do, so that cached bindings are compiled anew. */
const recipe = 2;

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
  const quiet = join(options.target, 'quiet.cc');
  await writeFile(quiet, quietSource);
  const { status, stderr } = await runCommand(compiler.command, [
    ...['-O3', '-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${nodeApiVersion}`],
    ...['-I', options.tfjsNode, '-I', nodeHeaders, '-I', join(options.tensorflow, 'include')],
    ...sources.map((name) => join(options.tfjsNode, 'binding', name)),
    quiet,
    ...['-L', options.tensorflow, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN/../tensorflow', '-o', join(options.target, 'tfjs_binding.node')],
  ]);
  if (status !== 0) {
    throw new EngineError(
      'compile-failed',
      `${compiler.version} could not compile the binding (${lastLines(stderr, 6)})`,
    );
  }
  await writeFile(join(options.target, 'NOTICE'), notice);
  await copyFile(join(options.tensorflow, 'include', 'LICENSE'), join(options.target, 'LICENSE'));
}

/**
 * TF_CPP_MIN_LOG_LEVEL is applied by TensorFlow's Python module, not by its C interface: this does the same,
 * through Abseil's logging, which the TensorFlow of the pinned version exports.
 */
const quietSource = `#include <cstdlib>
namespace absl { namespace lts_20250814 {
enum class LogSeverityAtLeast : int {};
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast);
__attribute__((weak)) void SetStderrThreshold(LogSeverityAtLeast);
} }
__attribute__((constructor)) static void QuietTensorFlow() {
  using namespace absl::lts_20250814;
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || !SetMinLogLevel || !SetStderrThreshold) return;
  SetMinLogLevel(static_cast<LogSeverityAtLeast>(std::atoi(level)));
  SetStderrThreshold(static_cast<LogSeverityAtLeast>(std::atoi(level)));
}
`;

const notice = `tfjs_binding.node was compiled on this machine from the files binding/*.cc and binding/*.h of
@tensorflow/tfjs-node-gpu, https://github.com/tensorflow/tfjs, unchanged, and quiet.cc beside this file.
Copyright Google LLC. Licensed under the Apache License, Version 2.0 (the file LICENSE beside this one).
It uses the TensorFlow in the folder ../tensorflow, Copyright The TensorFlow Authors, under the same licence;
its own third-party notices are in ../tensorflow/THIRD_PARTY_NOTICES.txt.
`;
