import { inflateSync } from 'node:zlib';
import { decode } from 'fast-png';
import { CifarError } from '../errors.ts';
import type { Picture } from './picture.ts';

/** What a PNG file begins with. */
const signature = [137, 80, 78, 71, 13, 10, 26, 10];
/** A header's content, after length and type. */
const headerBytes = 13;
/** Length, type and checksum. */
const bytesAroundContent = 12;
/** Channels by colour type: grey, RGB, palette, grey with alpha, RGB with alpha. */
const channelsOfType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** What decides the pixels. Transparency does not: it is dropped. */
const neededChunks = ['IHDR', 'PLTE', 'IDAT', 'IEND'];

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly numChannels: number;
  readonly isInterlaced: boolean;
}

interface Chunk {
  readonly type: string;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * Reads a PNG of any colour type and bit depth as 8-bit grey or RGB: a palette is looked up, fewer bits are scaled up, 16
 * bits are rounded to 8, transparency is dropped (what is transparent keeps its colour). The checksums must be right.
 *
 * Nothing is allocated by what the file claims before its content has borne it out.
 *
 * @param label what to call the file in errors
 * @param options.maxPixels 2²⁶ by default
 * @throws {CifarError} `corrupt`, `unusable` for what is sound but not read
 * @see https://www.w3.org/TR/png-3/
 */
export function parsePng(
  bytes: Uint8Array,
  label: string,
  { maxPixels = 2 ** 26 }: { maxPixels?: number } = {},
): Picture {
  const corrupt = (reason: string, cause?: unknown): CifarError =>
    new CifarError('corrupt', `${label} is not a sound PNG: ${reason}.`, { cause });
  const chunks = readChunks(bytes, corrupt).filter(({ type }) => neededChunks.includes(type));
  const header = readHeader(chunks, corrupt);
  const { width, height, depth, isInterlaced } = header;
  if (width * height > maxPixels) {
    throw new CifarError(
      'unusable',
      `${label} has ${width} × ${height} pixels; at most ${maxPixels} are read: save it smaller.`,
    );
  }
  if (isInterlaced && depth < 8) {
    throw new CifarError('unusable', `${label} is interlaced and has ${depth} bits a channel: save it anew.`);
  }
  requireContent(chunks, header, corrupt);
  try {
    const { data, palette } = decode(
      concatenate([Uint8Array.from(signature), ...chunks.map((c) => c.whole)]),
      {
        checkCrc: true,
      },
    );
    return toPicture(header, data, palette, corrupt);
  } catch (cause) {
    if (cause instanceof CifarError) throw cause;
    throw corrupt((cause as Error).message, cause);
  }
}

/** By its signature. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function readChunks(bytes: Uint8Array, corrupt: (reason: string) => CifarError): Chunk[] {
  if (!isPng(bytes)) throw corrupt('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  let position = signature.length;
  while (chunks.at(-1)?.type !== 'IEND') {
    if (position + bytesAroundContent > bytes.length) throw corrupt('it breaks off');
    const end = position + bytesAroundContent + view.getUint32(position);
    if (end > bytes.length) throw corrupt('it breaks off');
    const whole = bytes.subarray(position, end);
    const type = String.fromCharCode(...whole.subarray(4, 8));
    chunks.push({ type, whole, content: whole.subarray(8, -4) });
    position = end;
  }
  return chunks;
}

function readHeader([first, ...others]: readonly Chunk[], corrupt: (reason: string) => CifarError): Header {
  if (first?.type !== 'IHDR' || first.content.length !== headerBytes) throw corrupt('it has no header');
  if (others.some(({ type }) => type === 'IHDR')) throw corrupt('it has two headers');
  const { content } = first;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const [depth = 0, colourType = 0, , , interlace = 0] = content.subarray(8);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const numChannels = channelsOfType[colourType];
  if (width === 0 || height === 0) throw corrupt(`it has ${width} × ${height} pixels`);
  if (numChannels === undefined || !isAllowed(depth, colourType)) {
    throw corrupt(`it has colour type ${colourType} with ${depth} bits`);
  }
  return { width, height, depth, colourType, numChannels, isInterlaced: interlace !== 0 };
}

/** Table 12 of the specification. */
function isAllowed(depth: number, colourType: number): boolean {
  if (colourType === 0) return [1, 2, 4, 8, 16].includes(depth);
  return colourType === 3 ? [1, 2, 4, 8].includes(depth) : [8, 16].includes(depth);
}

/** Unpacks the content to see that it is as long as the header says: a few bytes can unpack to gigabytes. */
function requireContent(
  chunks: readonly Chunk[],
  { width, height, depth, numChannels, isInterlaced }: Header,
  corrupt: (reason: string, cause?: unknown) => CifarError,
): void {
  const lineBytes = (pixels: number): number => 1 + Math.ceil((pixels * numChannels * depth) / 8);
  const expected = isInterlaced
    ? adam7(width, height).reduce((sum, [columns, rows]) => sum + rows * lineBytes(columns), 0)
    : height * lineBytes(width);
  const packed = concatenate(chunks.filter(({ type }) => type === 'IDAT').map(({ content }) => content));
  let length;
  try {
    ({ length } = inflateSync(packed, { maxOutputLength: expected }));
  } catch (cause) {
    const isTooLong = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isTooLong ? `it holds more than ${expected} bytes of pixels` : (cause as Error).message;
    throw corrupt(reason, cause);
  }
  if (length !== expected) throw corrupt(`it holds ${length} bytes of pixels instead of ${expected}`);
}

/** Columns and rows of the seven passes of an interlaced picture, without the empty ones. */
function adam7(width: number, height: number): [number, number][] {
  const passes: [x: number, y: number, stepX: number, stepY: number][] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return passes
    .map(([x, y, stepX, stepY]): [number, number] => [
      Math.ceil((width - x) / stepX),
      Math.ceil((height - y) / stepY),
    ])
    .filter(([columns, rows]) => columns > 0 && rows > 0);
}

function toPicture(
  { width, height, depth, colourType, numChannels }: Header,
  data: ArrayLike<number>,
  palette: readonly (readonly number[])[] | undefined,
  corrupt: (reason: string) => CifarError,
): Picture {
  if (colourType === 3) {
    if (!palette) throw corrupt('it has no palette');
    const pixels = new Uint8Array(width * height * 3);
    unpackBits(data, { width, height, depth }).forEach((index, i) => {
      const colour = palette[index];
      if (!colour) throw corrupt(`it uses colour ${index} of a palette of ${palette.length}`);
      pixels.set(colour.slice(0, 3), i * 3);
    });
    return { width, height, channels: 3, pixels };
  }
  const channels = numChannels < 3 ? 1 : 3;
  const scale = 255 / (2 ** depth - 1);
  const values = depth < 8 ? unpackBits(data, { width, height, depth }) : data;
  if (numChannels === channels && depth === 8 && values instanceof Uint8Array) {
    return { width, height, channels, pixels: values };
  }
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < pixels.length; i++) {
    const from = Math.floor(i / channels) * numChannels + (i % channels);
    pixels[i] = Math.round((values[from] ?? 0) * scale);
  }
  return { width, height, channels, pixels };
}

/** Several pixels lie in one byte, the first in its highest bits; every row begins with a new byte. */
function unpackBits(
  data: ArrayLike<number>,
  { width, height, depth }: { width: number; height: number; depth: number },
): Uint8Array {
  const lineBytes = Math.ceil((width * depth) / 8);
  const perByte = 8 / depth;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const byte = data[Math.floor(i / width) * lineBytes + Math.floor(x / perByte)] ?? 0;
    return (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
  });
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
