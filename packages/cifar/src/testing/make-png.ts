import { crc32, deflateSync } from 'node:zlib';

/** What {@link makePng} puts into a file. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Bits a channel. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  readonly colourType: number;
  /** The bytes of every line in the order in which the file has them, without their filter byte. */
  readonly lines: readonly (readonly number[])[];
  /** `[colours, 3]` */
  readonly palette?: readonly number[];
  readonly isInterlaced?: boolean;
  /** Of every line: 0 none, 1 left, 2 above, …; the lines are taken as filtered already. */
  readonly filter?: number;
}

/** A PNG, byte by byte as the specification has it. */
export function makePng(parts: PngParts): Uint8Array {
  const { width, height, depth, colourType, lines, palette, isInterlaced = false, filter = 0 } = parts;
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([depth, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  return Buffer.concat([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    pngChunk('IHDR', header),
    ...(palette ? [pngChunk('PLTE', Uint8Array.from(palette))] : []),
    pngChunk('IDAT', deflateSync(Uint8Array.from(lines.flatMap((line) => [filter, ...line])))),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
}

/** Length, type, content, checksum. */
export function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + content.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  chunk.set(new TextEncoder().encode(type), 4);
  chunk.set(content, 8);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  return chunk;
}
