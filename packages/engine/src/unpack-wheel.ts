import { rm } from 'node:fs/promises';
import { EngineError } from './errors.ts';
import { findPython } from './python.ts';
import { lastLines, runCommand } from './run-command.ts';

/* eslint-disable @typescript-eslint/no-inferrable-types -- isolatedDeclarations wants a RegExp's type spelled out */
/** Of TensorFlow: the two libraries, the headers of its C interface, the licences. */
export const tensorflowParts: RegExp =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|THIRD_PARTY_NOTICES\.txt$|include\/(LICENSE$|(tensorflow\/c|xla\/tsl\/c)\/.*\.h$|(tensorflow\/core|tsl)\/platform\/ctstring\w*\.h$))/;

/** Of NVIDIA's wheels: everything but headers, with the licences. */
export const nvidiaParts: RegExp =
  /^nvidia\/(?!__init__|.*\/include\/|.*__init__\.py)|\.dist-info\/.*License\.txt$/;
/* eslint-enable @typescript-eslint/no-inferrable-types */

/** Python's zipfile streams, knows zip64, and is there because pip is. Paths that lead outside are refused by it. */
const program = `
import os, re, sys, zipfile
wheel, target, keep = sys.argv[1:4]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if not entry.is_dir() and re.search(keep, entry.filename):
            path = archive.extract(entry, target)
            os.chmod(path, 0o755 if entry.external_attr >> 16 & 0o100 else 0o644)
`;

/**
 * Unpacks the parts of a wheel whose names match `parts` into `target`, and deletes a wheel that can't be unpacked.
 *
 * @throws {EngineError} `no-python`, `disk-full`, `unpack-failed`
 */
export async function unpackWheel(wheel: string, target: string, parts: RegExp): Promise<void> {
  const { command: python } = await findPython();
  const { status, stderr } = await runCommand(python, ['-I', '-c', program, wheel, target, parts.source]);
  if (status === 0) return;
  if (/Errno 28|Errno 122/.test(stderr))
    throw new EngineError('disk-full', `The disk filled up while unpacking ${wheel}`);
  await rm(wheel, { force: true });
  throw new EngineError('unpack-failed', `${wheel} could not be unpacked (${lastLines(stderr)})`);
}
