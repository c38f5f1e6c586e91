import { readFileSync, statSync } from 'node:fs';
import { readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashFile } from './files.ts';

/** One file as it was when the installation finished. */
export interface ManifestFile {
  path: string;
  bytes: number;
  mtimeMs: number;
  sha256: string;
}

/** What `manifest.json` in a finished folder says about it. */
export interface Manifest {
  format: 1;
  /** Where it came from: versions, wheel hashes, compiler. */
  origin: Record<string, string>;
  files: ManifestFile[];
}

/** Records every file of a finished folder: size, time and SHA-256. */
export async function writeManifest(folder: string, origin: Record<string, string>): Promise<void> {
  const files: ManifestFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path === join(folder, 'manifest.json')) continue;
    const { size, mtimeMs } = await stat(path);
    const sha256 = (await hashFile(path)).toString('hex');
    files.push({ path: relative(folder, path), bytes: size, mtimeMs, sha256 });
  }
  await saveManifest(folder, { format: 1, origin, files });
}

/** Reads the manifest of a finished folder; undefined when there is none that can be read. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    return (manifest.format as number) === 1 && Array.isArray(manifest.files) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Compares a folder with its manifest by size and time, without reading the files (0.1 ms each).
 *
 * @returns `absent`, `intact`, `touched` (sizes right, times not: copied or altered, look at the hashes) or a sentence
 *   that names the damaged file
 */
export function inspectFolder(folder: string): 'absent' | 'intact' | 'touched' | { damage: string } {
  const manifest = readManifest(folder);
  if (manifest === undefined) return 'absent';
  let touched = false;
  for (const file of manifest.files) {
    const info = statSync(join(folder, file.path), { throwIfNoEntry: false });
    if (info === undefined) return { damage: `${join(folder, file.path)} is missing` };
    if (info.size !== file.bytes) {
      return { damage: `${join(folder, file.path)} has ${info.size} bytes instead of ${file.bytes}` };
    }
    touched ||= info.mtimeMs !== file.mtimeMs;
  }
  return touched ? 'touched' : 'intact';
}

/** Compares every file with its recorded hash; a sentence that names the first damaged file, or undefined. */
export async function verifyFolder(folder: string): Promise<string | undefined> {
  const state = inspectFolder(folder);
  if (state === 'absent') return `${folder} is not installed`;
  if (typeof state === 'object') return state.damage;
  for (const file of readManifest(folder)?.files ?? []) {
    const sha256 = (await hashFile(join(folder, file.path))).toString('hex');
    if (sha256 !== file.sha256) return `${join(folder, file.path)} has been altered`;
  }
  return undefined;
}

/** After a folder was copied and its hashes found right: records the new times, so that the next look is quick. */
export async function renewTimes(folder: string): Promise<void> {
  const manifest = readManifest(folder);
  if (manifest === undefined) return;
  const files = manifest.files.map((file) => ({
    ...file,
    mtimeMs: statSync(join(folder, file.path)).mtimeMs,
  }));
  // In a read-only image the times can't be recorded; then each look costs the hashing.
  await saveManifest(folder, { ...manifest, files }).catch(() => undefined);
}

async function saveManifest(folder: string, manifest: Manifest): Promise<void> {
  const draft = join(folder, `manifest.${process.pid}.json`);
  await writeFile(draft, JSON.stringify(manifest, undefined, 1));
  await rename(draft, join(folder, 'manifest.json'));
}
