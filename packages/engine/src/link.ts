import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { EngineError } from './errors.ts';
import type { InstallOptions } from './install.ts';
import { installEngine } from './install.ts';
import { installedTfjsNode } from './tfjs-node.ts';

/** How to link; every part is optional. */
export interface LinkOptions extends InstallOptions {
  /** Folder of the project whose tfjs-node-gpu to link. Default: the current folder. */
  project?: string;
}

/**
 * Puts the engine's binding where tfjs-node-gpu looks for its own, for code that imports that package itself
 * (on Node 23 and newer after `@superconvergence/engine/compat`).
 * A link into the cache: run it again after tfjs-node-gpu was reinstalled or the cache deleted.
 *
 * @returns path of the link, `lib/napi-v8/tfjs_binding.node` in tfjs-node-gpu's folder
 * @throws {EngineError} `link-failed`, and all that `installEngine` throws
 */
export async function linkEngine(options: LinkOptions = {}): Promise<string> {
  const { folder, version } = await findProjectTfjsNode(resolve(options.project ?? '.'));
  const installation = await installEngine(options);
  if (version !== installation.tfjsNode.version) {
    throw new EngineError(
      'link-failed',
      `The project has tfjs-node-gpu ${version}, the engine's binding is for ${installation.tfjsNode.version}`,
    );
  }
  const target = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  const draft = `${target}.${process.pid}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await rm(draft, { force: true });
    await symlink(installation.binding, draft);
    await rename(draft, target);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('link-failed', `${target} can't be written (${why})`, { cause });
  }
  return target;
}

async function findProjectTfjsNode(project: string): Promise<{ folder: string; version: string }> {
  try {
    const path = createRequire(join(project, 'package.json')).resolve(
      '@tensorflow/tfjs-node-gpu/package.json',
    );
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
    return { folder: dirname(path), version };
  } catch (cause) {
    const installed = installedTfjsNode();
    if (installed !== undefined) return installed;
    throw new EngineError('link-failed', `${project} has no @tensorflow/tfjs-node-gpu`, { cause });
  }
}
