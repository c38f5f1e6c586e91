import { EngineError } from './errors.ts';

/** Oldest Node that can `require` what the packages publish, and the C library of TensorFlow's wheels (manylinux_2_27). */
const oldestNode = [20, 19] as const;
const oldestGlibc = [2, 27] as const;

/** Throws `node-too-old` where this Node can't run the engine. */
export function checkNode(version: string = process.versions.node): void {
  if (!isAtLeast(version, oldestNode)) {
    throw new EngineError(
      'node-too-old',
      `This is Node ${version}; the engine needs ${oldestNode.join('.')}`,
    );
  }
}

/** Throws `unsupported-platform` where TensorFlow's wheels can't run. */
export function checkPlatform(
  platform: string = process.platform,
  arch: string = process.arch,
  glibc: string | null = glibcVersion(),
): void {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new EngineError('unsupported-platform', `There is no native engine for ${platform} ${arch}`);
  }
  if (glibc === null) {
    throw new EngineError(
      'unsupported-platform',
      'This Linux has another C library than glibc (musl, as on Alpine)',
    );
  }
  if (!isAtLeast(glibc, oldestGlibc)) {
    throw new EngineError(
      'unsupported-platform',
      `This Linux has glibc ${glibc}, older than ${oldestGlibc.join('.')}`,
    );
  }
}

/** Version of the C library that Node runs on; null for musl. */
export function glibcVersion(): string | null {
  const report = process.report as { excludeNetwork?: boolean; getReport(): object };
  report.excludeNetwork = true; // Else it looks up host names, which can take seconds.
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
