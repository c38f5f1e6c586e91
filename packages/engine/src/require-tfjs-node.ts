import { createRequire, Module } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from './errors.ts';
import type { TensorFlow } from './load.ts';
import { restoreUtilFunctions } from './restore-util.ts';
import type { TfjsNode } from './tfjs-node.ts';

/**
 * Loads tfjs-node-gpu's JavaScript onto a binding, writing nothing: while it loads, its requests for node-pre-gyp
 * (which says where the binding is) and for TensorFlow.js (which must be the application's) are answered from
 * `require.cache`.
 *
 * @throws {EngineError} `load-failed`
 */
export function requireTfjsNode(tf: TensorFlow, tfjsNode: TfjsNode, binding: string): TensorFlow {
  restoreUtilFunctions();
  const fromTfjsNode = createRequire(join(tfjsNode.folder, 'package.json'));
  const answers: Record<string, unknown> = {
    '@tensorflow/tfjs': tf,
    '@mapbox/node-pre-gyp': { find: () => binding },
  };
  if (tfjsNode.cached) {
    answers['@tensorflow/tfjs-core'] = tf; // TensorFlow.js exports all of its core.
    const fromEngine = createRequire(import.meta.url);
    for (const name of ['google-protobuf', 'progress']) answers[name] = fromEngine(name);
  }
  const before = new Map<string, NodeJS.Module | undefined>();
  try {
    // The binding first: a library that can't be loaded must leave no half-loaded JavaScript behind.
    const load = (name: string) => {
      const path = join(dirname(binding), name);
      if (existsSync(path)) fromTfjsNode(path);
    };
    // Loads TensorFlow's library without its first two lines; see `quietSource` in compile-binding.ts.
    if (Number(process.env.TF_CPP_MIN_LOG_LEVEL) > 0) load('quiet.node');
    // Before the first tensor: it limits what malloc keeps.
    load('session.node');
    fromTfjsNode(binding);
    for (const [name, exports] of Object.entries(answers)) {
      const path = fromTfjsNode.resolve(name);
      before.set(path, fromTfjsNode.cache[path]);
      fromTfjsNode.cache[path] = answeringModule(path, exports);
    }
    return fromTfjsNode(tfjsNode.folder) as TensorFlow;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('load-failed', `TensorFlow's library could not be loaded (${why})`, { cause });
  } finally {
    // Other packages may use the same node-pre-gyp for their own bindings.
    for (const [path, module] of before) {
      if (module === undefined) Reflect.deleteProperty(fromTfjsNode.cache, path);
      else fromTfjsNode.cache[path] = module;
    }
  }
}

function answeringModule(path: string, exports: unknown): NodeJS.Module {
  const module = new Module(path);
  module.filename = path;
  module.exports = exports;
  module.loaded = true;
  return module;
}
