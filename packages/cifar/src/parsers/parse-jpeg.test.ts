import { describe, expect, it } from 'vitest';
import { CifarError } from '../errors.ts';
import { jpegs } from '../testing/jpegs.ts';
import { parseJpeg } from './parse-jpeg.ts';

describe('parseJpeg', () => {
  it.each(['baseline', 'progressive', 'grey'] as const)('reads a %s one as Pillow does', (kind) => {
    const { bytes, first, last } = jpegs[kind];
    const picture = parseJpeg(bytes, 'x');
    const channels = kind === 'grey' ? 1 : 3;
    expect(picture).toMatchObject({ width: 24, height: 16, channels });
    expect(picture.pixels).toHaveLength(24 * 16 * channels);
    const ours = [...picture.pixels.subarray(0, first.length), ...picture.pixels.subarray(-last.length)];
    // Colour is stored at half the resolution, which decoders scale up in different ways.
    const tolerance = kind === 'grey' ? 1 : 8;
    for (const [i, value] of [...first, ...last].entries()) {
      expect(Math.abs((ours[i] ?? NaN) - value)).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each<[string, Uint8Array, string, string]>([
    ['another format', Buffer.from('GIF89a'), 'corrupt', 'it has no frame'],
    ['one cut short', jpegs.baseline.bytes.subarray(0, 700), 'corrupt', 'is not a sound JPEG'],
    ['four colours', jpegs.cmyk.bytes, 'unusable', 'has 4 colours'],
    ['a size that it is too short for', withSize(jpegs.grey.bytes, 8_000), 'corrupt', 'which it cannot hold'],
    ['a size that nobody has', withSize(jpegs.grey.bytes, 65_535), 'unusable', '65535 × 65535 pixels'],
    ['no size', withSize(jpegs.grey.bytes, 0), 'corrupt', '0 × 0 pixels'],
  ])('refuses %s', (_, bytes, code, reason) => {
    const parse = () => parseJpeg(bytes, '/pictures/x.jpg');
    expect(parse).toThrow(CifarError);
    expect(parse).toThrow(expect.objectContaining({ code }) as Error);
    expect(parse).toThrow(reason);
  });
});

it('says what to do about one that takes too much memory', () => {
  const parse = () => parseJpeg(jpegs.baseline.bytes, 'x.jpg', { maxMegabytes: 0.001 });
  const message = 'x.jpg takes more than 0.001 MB of memory to read: save it smaller.';
  expect(parse).toThrow(expect.objectContaining({ code: 'unusable', message }) as Error);
});

/** Height and width lie five bytes after the frame's marker, FF C0. */
function withSize(bytes: Uint8Array, size: number): Uint8Array {
  const altered = Uint8Array.from(bytes);
  const frame = altered.findIndex((byte, i) => byte === 0xff && altered[i + 1] === 0xc0);
  const view = new DataView(altered.buffer);
  view.setUint16(frame + 5, size);
  view.setUint16(frame + 7, size);
  return altered;
}
