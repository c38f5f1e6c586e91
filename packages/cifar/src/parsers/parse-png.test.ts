import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { CifarError } from '../errors.ts';
import { makePng, pngChunk } from '../testing/make-png.ts';
import { parsePng } from './parse-png.ts';

/** 3 × 2 RGB. */
const rgb = { width: 3, height: 2, depth: 8, colourType: 2 };
const rgbLines = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
  [11, 12, 13, 14, 15, 16, 17, 18, 19],
];

describe('parsePng', () => {
  it('reads what a common encoder writes', () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 53) % 256);
    const bytes = encode({ width: 5, height: 4, channels: 3, depth: 8, data });
    expect(parsePng(bytes, 'x')).toEqual({ width: 5, height: 4, channels: 3, pixels: data });
  });

  it.each([
    [
      'grey',
      { colourType: 0, depth: 8 },
      [
        [0, 99, 255],
        [1, 2, 3],
      ],
      1,
      [0, 99, 255, 1, 2, 3],
    ],
    // 0b10100000: the pixels 1, 0, 1 and five bits of padding. A bit is scaled to 0 or 255.
    ['1-bit grey', { colourType: 0, depth: 1 }, [[0b10100000], [0b01000000]], 1, [255, 0, 255, 0, 255, 0]],
    // Two bits: 0, 1, 2, 3 are 0, 85, 170, 255.
    ['2-bit grey', { colourType: 0, depth: 2 }, [[0b00011000], [0b11000000]], 1, [0, 85, 170, 255, 0, 0]],
    [
      '4-bit grey',
      { colourType: 0, depth: 4 },
      [
        [0x12, 0xf0],
        [0x00, 0x80],
      ],
      1,
      [17, 34, 255, 0, 0, 136],
    ],
    // Sixteen bits: 0x8080 is 128 · 257, 0x80ff is 128.49 · 257 and 0x8101 is 128.5 · 257.
    [
      '16-bit grey',
      { colourType: 0, depth: 16 },
      [
        [0x80, 0x80, 0x80, 0xff, 0x81, 0x01],
        [0, 0, 0xff, 0xff, 0, 0x80],
      ],
      1,
      [128, 128, 129, 0, 255, 0],
    ],
    [
      'grey with alpha',
      { colourType: 4, depth: 8 },
      [
        [5, 0, 6, 255, 7, 9],
        [8, 1, 9, 2, 10, 3],
      ],
      1,
      [5, 6, 7, 8, 9, 10],
    ],
    ['RGB', { colourType: 2, depth: 8 }, rgbLines, 3, rgbLines.flat()],
    [
      'RGB with alpha',
      { colourType: 6, depth: 8 },
      [
        [1, 2, 3, 0, 4, 5, 6, 9, 7, 8, 9, 255],
        [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
      ],
      3,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    ],
    [
      'a palette',
      { colourType: 3, depth: 8, palette: [10, 11, 12, 20, 21, 22] },
      [
        [0, 1, 0],
        [1, 1, 0],
      ],
      3,
      [10, 11, 12, 20, 21, 22, 10, 11, 12, 20, 21, 22, 20, 21, 22, 10, 11, 12],
    ],
    [
      'a 1-bit palette',
      { colourType: 3, depth: 1, palette: [10, 11, 12, 20, 21, 22] },
      [[0b01000000], [0b11000000]],
      3,
      [10, 11, 12, 20, 21, 22, 10, 11, 12, 20, 21, 22, 20, 21, 22, 10, 11, 12],
    ],
  ] as const)('reads %s', (_, kind, lines, channels, pixels) => {
    const picture = parsePng(makePng({ width: 3, height: 2, ...kind, lines }), 'x');
    expect(picture).toEqual({ width: 3, height: 2, channels, pixels: Uint8Array.from(pixels) });
  });

  it('undoes filters', () => {
    // "Left" stores the difference to the pixel before: 1, 1 + 2, 3 + 4, then modulo 256.
    const bytes = makePng({ width: 3, height: 1, depth: 8, colourType: 0, lines: [[1, 2, 253]], filter: 1 });
    expect([...parsePng(bytes, 'x').pixels]).toEqual([1, 3, 0]);
  });

  it('reads an interlaced picture', () => {
    // 3 × 3: the first pass has pixel (0, 0), the fourth (2, 0), the fifth (0, 2) and (2, 2), the sixth (1, 0) and (1, 2),
    // the seventh the middle row.
    const lines = [[1], [3], [7, 9], [2], [8], [4, 5, 6]];
    const bytes = makePng({ width: 3, height: 3, depth: 8, colourType: 0, lines, isInterlaced: true });
    expect([...parsePng(bytes, 'x').pixels]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('passes over what does not decide the pixels, however large it claims to be', () => {
    const sound = makePng({ ...rgb, lines: rgbLines });
    const [start, end] = [sound.subarray(0, 33), sound.subarray(33)];
    // A megabyte of zeros in a kilobyte, as a colour profile.
    const profile = Buffer.concat([Buffer.from('name\0\0'), deflateSync(new Uint8Array(1e6))]);
    const bytes = Buffer.concat([start, pngChunk('iCCP', profile), pngChunk('tRNS', new Uint8Array(6)), end]);
    expect([...parsePng(bytes, 'x').pixels]).toEqual(rgbLines.flat());
  });
});

describe('what parsePng refuses', () => {
  const sound = makePng({ ...rgb, lines: rgbLines });
  const grey = { width: 1, height: 1, depth: 8, colourType: 0, lines: [[1]] };

  it.each<[string, Uint8Array, string, string]>([
    ['another format', Buffer.from('GIF89a'), 'corrupt', 'it does not begin as one'],
    ['a picture cut short', sound.subarray(0, -13), 'corrupt', 'it breaks off'],
    ['a changed byte', withByte(sound, 45, 1), 'corrupt', 'CRC mismatch|incorrect|invalid'],
    ['two billion pixels', makePng({ ...grey, width: 2 ** 31 - 1 }), 'unusable', '2147483647 × 1 pixels'],
    ['more pixels than it holds', makePng({ ...grey, width: 8_000, height: 8_000 }), 'corrupt', 'instead of'],
    ['fewer', makePng({ ...grey, lines: [[1], [2]] }), 'corrupt', 'it holds more than'],
    ['no pixels', makePng({ ...grey, width: 0 }), 'corrupt', '0 × 1 pixels'],
    ['a depth of 3', makePng({ ...grey, depth: 3 }), 'corrupt', 'colour type 0 with 3 bits'],
    ['colour type 5', makePng({ ...grey, colourType: 5 }), 'corrupt', 'colour type 5'],
    ['filter 9', makePng({ ...grey, filter: 9 }), 'corrupt', 'Unsupported filter: 9'],
    ['no palette', makePng({ ...grey, colourType: 3 }), 'corrupt', 'it has no palette'],
    [
      'a colour outside the palette',
      makePng({ ...grey, colourType: 3, palette: [1, 2, 3] }),
      'corrupt',
      'it uses colour 1 of a palette of 1',
    ],
    [
      'few interlaced bits',
      makePng({ ...grey, depth: 1, isInterlaced: true }),
      'unusable',
      'is interlaced and has 1',
    ],
    [
      // 64 MB of zeros packed to 64 kB, for a picture of one pixel.
      'a bomb',
      Buffer.concat([
        sound.subarray(0, 8),
        makePng(grey).subarray(8, 33),
        pngChunk('IDAT', deflateSync(new Uint8Array(2 ** 26))),
        pngChunk('IEND', new Uint8Array(0)),
      ]),
      'corrupt',
      'it holds more than',
    ],
  ])('%s', (_, bytes, code, reason) => {
    const parse = () => parsePng(bytes, '/pictures/x.png');
    expect(parse).toThrow(CifarError);
    expect(parse).toThrow(expect.objectContaining({ code }) as Error);
    expect(parse).toThrow(new RegExp(`^/pictures/x\\.png .*(${reason})`));
  });
});

function withByte(bytes: Uint8Array, position: number, value: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === position ? byte ^ value : byte));
}
