import { gunzipSync } from 'node:zlib';
import { CifarError } from '../errors.ts';

/**
 * Unpacks gzip, at most to `maxBytes`.
 *
 * @param label what to call the file in errors
 * @throws {CifarError} `corrupt`
 */
export function gunzip(bytes: Uint8Array, label: string, maxBytes: number): Uint8Array {
  try {
    const buffer = gunzipSync(bytes, { maxOutputLength: maxBytes });
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  } catch (cause) {
    const isTooLong = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isTooLong ? `unpacked it has more than ${maxBytes} bytes` : (cause as Error).message;
    throw new CifarError('corrupt', `${label} cannot be unpacked: ${reason}.`, { cause });
  }
}
