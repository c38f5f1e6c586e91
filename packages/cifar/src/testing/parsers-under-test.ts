import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { Header } from 'tar';
import { gunzip } from '../parsers/gunzip.ts';
import { parseCifarRecords } from '../parsers/parse-cifar-records.ts';
import { parseIdx } from '../parsers/parse-idx.ts';
import { parseJpeg } from '../parsers/parse-jpeg.ts';
import { parseDigitsJson, parseLabelsJson } from '../parsers/parse-json.ts';
import { parsePng } from '../parsers/parse-png.ts';
import type { Picture } from '../parsers/picture.ts';
import { readTarGz } from '../parsers/read-tar-gz.ts';
import { jpegs } from './jpegs.ts';
import { makeIdx } from './make-idx.ts';
import { makePng, pngChunk } from './make-png.ts';
import type { Sample } from './alter.ts';

/** A parser, inputs that it takes, and what must hold of whatever it gives. */
export interface ParserUnderTest {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** Resolves to whether the result is sound; it need not be that of the sample. */
  readonly isSound: (bytes: Uint8Array) => boolean | Promise<boolean>;
  /** The most that it may allocate for each byte of the input. */
  readonly mostBytesPerByte: number;
}

/** What deflate makes of one byte at most. */
const mostOfDeflate = 1_032;
/** A byte has 8 pixels of 1 bit, each of which takes 1 byte unpacked and 3 as RGB; lines and their copies beside them. */
const mostOfPng = mostOfDeflate * (8 * 4 + 8);
/** A byte has 512 pixels at most: 3 colours with coefficients of 4 bytes, decoded ones of 1, and RGB. */
const mostOfJpeg = 512 * (3 * (4 + 1) + 3);

const whole = (bytes: Uint8Array): Sample => ({ parts: [bytes] });
const text = (value: unknown): Sample => whole(new TextEncoder().encode(JSON.stringify(value)));

const pngs = [
  ...([1, 2, 3, 4] as const).flatMap((channels) =>
    ([8, 16] as const).map((depth) => {
      const numValues = 6 * 5 * channels;
      const data = depth === 8 ? new Uint8Array(numValues) : new Uint16Array(numValues);
      return encode({ width: 6, height: 5, channels, depth, data: data.map((_, i) => i * 7) });
    }),
  ),
  makePng({
    width: 6,
    height: 2,
    depth: 2,
    colourType: 3,
    palette: [1, 2, 3, 4, 5, 6],
    lines: [
      [16, 0],
      [1, 0],
    ],
  }),
  makePng({ width: 2, height: 2, depth: 8, colourType: 0, isInterlaced: true, lines: [[1], [2], [3, 4]] }),
];

const tarFiles: Readonly<Record<string, number>> = {
  'folder/a.bin': 700,
  'folder/b.bin': 3,
  'folder/c.txt': 20,
};

const readableJpegs = [jpegs.baseline, jpegs.progressive, jpegs.grey].map(({ bytes }) => bytes);

/** Every parser of bytes that come from outside. */
export const parsersUnderTest: readonly ParserUnderTest[] = [
  {
    name: 'records of CIFAR-10',
    samples: [whole(makeRecord(1))],
    isSound: (bytes) => areRecords(parseCifarRecords(bytes, 'x', { numRecords: 1, numClasses: [10] })),
    mostBytesPerByte: 1,
  },
  {
    name: 'records of CIFAR-100',
    samples: [whole(makeRecord(2))],
    isSound: (bytes) => areRecords(parseCifarRecords(bytes, 'x', { numRecords: 1, numClasses: [20, 100] })),
    mostBytesPerByte: 1,
  },
  {
    name: 'idx',
    samples: [whole(makeIdx([3, 4, 5], (i) => i)), whole(makeIdx([7], (i) => i))],
    isSound: (bytes) => isIdx(parseIdx(bytes, 'x')),
    mostBytesPerByte: 0,
  },
  {
    name: 'packed idx',
    samples: [
      whole(gzipSync(makeIdx([3, 28, 28], (i) => i))),
      {
        parts: [makeIdx([3, 28, 28], (i) => i)],
        join: (parts) => gzipSync(Buffer.concat(parts), { level: 1 }),
      },
    ],
    isSound: (bytes) => isIdx(parseIdx(gunzip(bytes, 'x', 3_000), 'x')),
    mostBytesPerByte: 0,
  },
  {
    name: 'JSON of labels',
    samples: [text([0, 1, 2, 3, 9, 8, 7, 6])],
    isSound: (bytes) =>
      parseLabelsJson(bytes, 'x', { length: 8, numClasses: 10 }).every((label) => label < 10),
    mostBytesPerByte: 1,
  },
  {
    name: 'JSON of digits',
    samples: [text({ data: Array.from({ length: 784 }, (_, i) => (i % 5) / 4) })],
    isSound: (bytes) => parseDigitsJson(bytes, 'x').length % 784 === 0,
    mostBytesPerByte: 1,
  },
  {
    name: 'PNG',
    samples: pngs.map(whole),
    isSound: (bytes) => isPicture(parsePng(bytes, 'x')),
    mostBytesPerByte: mostOfPng,
  },
  {
    name: 'PNG, chunk by chunk',
    samples: pngs.map(chunksOf),
    isSound: (bytes) => isPicture(parsePng(bytes, 'x')),
    mostBytesPerByte: mostOfPng,
  },
  {
    name: 'JPEG',
    samples: readableJpegs.map(whole),
    isSound: (bytes) => isPicture(parseJpeg(bytes, 'x')),
    mostBytesPerByte: mostOfJpeg,
  },
  {
    name: 'JPEG, segment by segment',
    samples: readableJpegs.map(segmentsOf),
    isSound: (bytes) => isPicture(parseJpeg(bytes, 'x')),
    mostBytesPerByte: mostOfJpeg,
  },
  { name: 'tar.gz', samples: [whole(gzipSync(tarball()))], isSound: isTarball, mostBytesPerByte: 0 },
  {
    name: 'tar.gz, block by block',
    samples: [tarSample(tarball())],
    isSound: isTarball,
    mostBytesPerByte: 0,
  },
];

function makeRecord(numLabels: number): Uint8Array {
  return Uint8Array.from({ length: numLabels + 3072 }, (_, i) => i % 10);
}

function areRecords({ images, labels }: { images: Uint8Array; labels: readonly Uint8Array[] }): boolean {
  return images.length === 3072 && labels.every(({ length }) => length === 1);
}

function isIdx({ shape, data }: { shape: readonly number[]; data: Uint8Array }): boolean {
  return data.length === shape.reduce((product, size) => product * size, 1);
}

function isPicture({ width, height, channels, pixels }: Picture): boolean {
  return width > 0 && height > 0 && pixels.length === width * height * channels;
}

/** Lengths and checksums are made right; pixels are altered unpacked and with their filters. */
function chunksOf(png: Uint8Array): Sample {
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  const chunks: { type: string; content: Uint8Array }[] = [];
  for (let position = 8; position < png.length; position += 12 + view.getUint32(position)) {
    const type = String.fromCharCode(...png.subarray(position + 4, position + 8));
    const content = png.slice(position + 8, position + 8 + view.getUint32(position));
    chunks.push({ type, content: type === 'IDAT' ? inflateSync(content) : content });
  }
  return {
    parts: chunks.map(({ content }) => content),
    join: (parts) =>
      Buffer.concat([
        png.subarray(0, 8),
        ...parts.map((part, i) => {
          const type = chunks[i]?.type ?? '';
          return pngChunk(type, type === 'IDAT' ? deflateSync(part, { level: 1 }) : part);
        }),
      ]),
  };
}

/** The lengths of segments are made right. What comes after the header of a scan is a part of its own. */
function segmentsOf(jpeg: Uint8Array): Sample {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.length);
  const markers: (number | undefined)[] = [];
  const parts: Uint8Array[] = [];
  for (let position = 2; position + 4 <= jpeg.length;) {
    const marker = jpeg[position + 1] ?? 0;
    const end = position + 2 + view.getUint16(position + 2);
    markers.push(marker);
    parts.push(jpeg.slice(position + 4, end));
    position = end;
    if (marker !== 0xda) continue;
    // In coded data FF is followed by 0; anything else is the next marker.
    while (position < jpeg.length && !(jpeg[position] === 0xff && jpeg[position + 1] !== 0)) position++;
    markers.push(undefined);
    parts.push(jpeg.slice(end, position));
    if (jpeg[position + 1] === 0xd9) break;
  }
  return {
    parts,
    join: (altered) =>
      Buffer.concat([
        Uint8Array.of(0xff, 0xd8),
        ...altered.flatMap((part, i) => {
          const marker = markers[i];
          const length = part.length + 2;
          return marker === undefined
            ? [part]
            : [Uint8Array.of(0xff, marker, length >> 8, length & 255), part];
        }),
        Uint8Array.of(0xff, 0xd9),
      ]),
  };
}

/**
 * Blocks of 512 bytes; of a header, the size is a part of its own, as 32 bits big-endian, and becomes the octal digits that
 * few changes of these would be. Checksums are made right.
 */
function tarSample(tar: Uint8Array): Sample {
  const blocks = Array.from({ length: tar.length / 512 }, (_, i) => tar.slice(512 * i, 512 * (i + 1)));
  const blockParts = blocks.map((block) => {
    if (!isTarHeader(block)) return [block];
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, parseInt(String.fromCharCode(...block.subarray(124, 136)), 8));
    return [block.slice(0, 124), size, block.slice(136)];
  });
  return {
    parts: blockParts.flat(),
    join: (parts) => {
      let next = 0;
      const joined = blockParts.map(({ length }) => {
        const [first = new Uint8Array(), size, rest] = parts.slice(next, (next += length));
        return toBlocks(size && rest ? Buffer.concat([first, toOctal(size), rest]) : first);
      });
      return gzipSync(withTarChecksums(Buffer.concat(joined)), { level: 1 });
    },
  };
}

function toOctal(size: Uint8Array): Uint8Array {
  const value = size.subarray(0, 4).reduce((sum, byte) => 256 * sum + byte, 0);
  return new TextEncoder().encode(`${value.toString(8).padStart(11, '0')}\0`);
}

/** By the u of its `ustar`. */
function isTarHeader(block: Uint8Array): boolean {
  return block[257] === 0x75;
}

function tarball(): Uint8Array {
  const blocks = Object.entries(tarFiles).map(([path, size]) => {
    const block = Buffer.alloc(512 + 512 * Math.ceil(size / 512));
    new Header({ path, size, mode: 0o644, type: 'File', mtime: new Date(0) }).encode(block, 0);
    block.fill(7, 512, 512 + size);
    return block;
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** With zeros after it up to a whole number of blocks. */
function toBlocks(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]);
}

/** Makes the checksum of every block right that looks like a header. */
function withTarChecksums(bytes: Uint8Array): Uint8Array {
  const result = Uint8Array.from(bytes);
  for (let start = 0; start + 512 <= result.length; start += 512) {
    const header = result.subarray(start, start + 512);
    if (!isTarHeader(header)) continue;
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  }
  return result;
}

async function isTarball(bytes: Uint8Array): Promise<boolean> {
  let isSound = true;
  const wanted = new Map([
    ['a.bin', 1_000],
    ['b.bin', 1_000],
  ]);
  await readTarGz(bytes, 'x', {
    wanted,
    maxBytes: 20_000,
    onFile: (name, content) => {
      isSound &&= wanted.has(name) && content.length <= 1_000;
    },
  });
  return isSound;
}
