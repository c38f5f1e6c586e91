import { deflateSync, gzipSync } from 'node:zlib';
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

/** A parser, inputs that it takes, and what must hold of whatever it gives. */
export interface ParserUnderTest {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** Resolves to whether the result is sound; it need not be that of the sample. */
  readonly isSound: (bytes: Uint8Array) => boolean | Promise<boolean>;
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

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

/** Every parser of bytes that come from outside. */
export const parsersUnderTest: readonly ParserUnderTest[] = [
  {
    name: 'records of CIFAR-10',
    samples: [makeRecord(1)],
    isSound: (bytes) => areRecords(parseCifarRecords(bytes, 'x', { numRecords: 1, numClasses: [10] })),
  },
  {
    name: 'records of CIFAR-100',
    samples: [makeRecord(2)],
    isSound: (bytes) => areRecords(parseCifarRecords(bytes, 'x', { numRecords: 1, numClasses: [20, 100] })),
  },
  {
    name: 'idx',
    samples: [makeIdx([3, 4, 5], (i) => i), makeIdx([7], (i) => i)],
    isSound: (bytes) => isIdx(parseIdx(bytes, 'x')),
  },
  {
    name: 'packed idx',
    samples: [gzipSync(makeIdx([3, 28, 28], (i) => i))],
    isSound: (bytes) => isIdx(parseIdx(gunzip(bytes, 'x', 3_000), 'x')),
  },
  {
    name: 'JSON of labels',
    samples: [text([0, 1, 2, 3, 9, 8, 7, 6])],
    isSound: (bytes) =>
      parseLabelsJson(bytes, 'x', { length: 8, numClasses: 10 }).every((label) => label < 10),
  },
  {
    name: 'JSON of digits',
    samples: [text({ data: Array.from({ length: 784 }, (_, i) => (i % 5) / 4) })],
    isSound: (bytes) => parseDigitsJson(bytes, 'x').length % 784 === 0,
  },
  { name: 'PNG', samples: pngs, isSound: (bytes) => isPicture(parsePng(bytes, 'x')) },
  {
    name: 'PNG with right checksums',
    samples: pngs,
    isSound: (bytes) => isPicture(parsePng(withChecksums(bytes), 'x')),
  },
  {
    name: 'PNG with other pixels',
    samples: [Uint8Array.from({ length: 5 * 7 }, (_, i) => i % 5)],
    isSound: (bytes) => isPicture(parsePng(aroundLines(bytes), 'x')),
  },
  {
    name: 'JPEG',
    samples: Object.values(jpegs).map(({ bytes }) => bytes),
    isSound: (bytes) => isPicture(parseJpeg(bytes, 'x')),
  },
  { name: 'tar.gz', samples: [gzipSync(tarball())], isSound: (bytes) => isTarball(bytes) },
  {
    name: 'tar.gz with right checksums',
    samples: [tarball()],
    isSound: (bytes) => isTarball(gzipSync(withTarChecksums(bytes), { level: 1 })),
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

/** Makes the checksum of every chunk right, as far as the lengths can be followed. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const result = Uint8Array.from(bytes);
  const view = new DataView(result.buffer);
  for (let position = 8; position + 12 <= result.length;) {
    const end = position + 12 + view.getUint32(position);
    if (end > result.length) break;
    const type = String.fromCharCode(...result.subarray(position + 4, position + 8));
    const chunk = pngChunk(type, result.subarray(position + 8, end - 4));
    result.set(chunk.subarray(chunk.length - 4), end - 4);
    position = end;
  }
  return result;
}

/** A grey picture of 6 × 5 pixels whose lines, with their filter bytes, are `lines`. */
function aroundLines(lines: Uint8Array): Uint8Array {
  const frame = makePng({ width: 6, height: 5, depth: 8, colourType: 0, lines: [] });
  return Buffer.concat([
    frame.subarray(0, 33),
    pngChunk('IDAT', deflateSync(lines, { level: 1 })),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
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

/** Makes the checksum of every block right that looks like a header. */
function withTarChecksums(bytes: Uint8Array): Uint8Array {
  const result = Uint8Array.from(bytes);
  for (let start = 0; start + 512 <= result.length; start += 512) {
    const header = result.subarray(start, start + 512);
    if (header[257] !== 0x75) continue;
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
