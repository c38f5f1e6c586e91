import jpeg from 'jpeg-js';
import { CifarError } from '../errors.ts';
import type { Picture } from './picture.ts';

/** A block of 8 × 8 pixels takes at least one bit, so a file cannot hold more pixels than this for each of its bytes. */
const mostPixelsPerByte = 8 * 8 * 8;
/** Of the decoder's working memory, which counts 16-bit coefficients of every block. */
const mostMegabytes = 1_024;
/** What jpeg-js's error for more than that begins with. */
const memoryLimitMessage = 'maxMemoryUsageInMB limit exceeded';

/**
 * Reads a JPEG, baseline or progressive, as 8-bit grey or RGB.
 *
 * Nothing is allocated that the file is too short to fill.
 *
 * @param label what to call the file in errors
 * @param options.maxPixels 2²⁶ by default
 * @param options.maxMegabytes of the decoder's working memory, 1,024 by default
 * @throws {CifarError} `corrupt`, `unusable` for what is sound but not read
 */
export function parseJpeg(
  bytes: Uint8Array,
  label: string,
  { maxPixels = 2 ** 26, maxMegabytes = mostMegabytes }: { maxPixels?: number; maxMegabytes?: number } = {},
): Picture {
  const frame = findFrame(bytes);
  if (!frame) throw new CifarError('corrupt', `${label} is not a sound JPEG: it has no frame.`);
  const { width, height, numComponents } = frame;
  if (width * height > maxPixels) {
    throw new CifarError(
      'unusable',
      `${label} has ${width} × ${height} pixels; at most ${maxPixels} are read: save it smaller.`,
    );
  }
  if (numComponents !== 1 && numComponents !== 3) {
    throw new CifarError(
      'unusable',
      `${label} has ${numComponents} colours, not grey or RGB: save it anew as RGB.`,
    );
  }
  if (width * height > bytes.length * mostPixelsPerByte || width === 0 || height === 0) {
    throw new CifarError('corrupt', `${label} says ${width} × ${height} pixels, which it cannot hold.`);
  }
  const { data } = decode(bytes, label, { maxPixels, maxMegabytes });
  if (data.length !== width * height * 3) {
    throw new CifarError('corrupt', `${label} is not a sound JPEG: it has several frames.`);
  }
  if (numComponents === 3) return { width, height, channels: 3, pixels: data };
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => data[3 * i] ?? 0);
  return { width, height, channels: 1, pixels };
}

/** By its first marker. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function decode(
  bytes: Uint8Array,
  label: string,
  { maxPixels, maxMegabytes }: { maxPixels: number; maxMegabytes: number },
): { data: Uint8Array } {
  try {
    return jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: maxPixels / 1e6,
      maxMemoryUsageInMB: maxMegabytes,
    });
  } catch (cause) {
    // It says what is wrong in plain errors; others are what it stumbles over when it goes unnoticed.
    const isExplained = cause instanceof Error && cause.name === 'Error';
    if (isExplained && cause.message.startsWith(memoryLimitMessage)) {
      const message = `${label} takes more than ${maxMegabytes} MB of memory to read: save it smaller.`;
      throw new CifarError('unusable', message, { cause });
    }
    const reason = isExplained ? cause.message : 'its parts do not fit together';
    throw new CifarError('corrupt', `${label} is not a sound JPEG: ${reason}.`, { cause });
  }
}

/** What the start-of-frame segment says: its markers are C0 … CF without C4, C8 and CC. */
function findFrame(bytes: Uint8Array): { width: number; height: number; numComponents: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isJpeg(bytes)) return undefined;
  for (let position = 2; position + 10 <= bytes.length;) {
    if (bytes[position] !== 0xff) return undefined;
    const marker = bytes[position + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [view.getUint16(position + 5), view.getUint16(position + 7)];
      return { width, height, numComponents: bytes[position + 9] ?? 0 };
    }
    // Any number of FF may stand before a marker.
    position += marker === 0xff ? 1 : 2 + view.getUint16(position + 2);
  }
  return undefined;
}
