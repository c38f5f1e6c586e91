/** The few functions of Node that SavedModels need. */
interface NodeModules {
  'node:fs': {
    mkdirSync(path: string, options: { recursive: boolean }): void;
    mkdtempSync(prefix: string): string;
    rmSync(path: string, options: { recursive: boolean; force: boolean }): void;
    writeFileSync(path: string, data: Uint8Array): void;
  };
  'node:os': { hostname(): string; tmpdir(): string };
  'node:path': { join(...parts: string[]): string };
}

/** A module of Node, without an import that a bundler for browsers would follow. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: Name): NodeModules[Name] };
  };
  return process.getBuiltinModule(name);
}

/** Gives `use` a new folder, which is gone afterwards. */
export function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const fs = nodeModule('node:fs');
  const prefix = nodeModule('node:path').join(nodeModule('node:os').tmpdir(), 'superconvergence-');
  const folder = fs.mkdtempSync(prefix);
  try {
    return use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
