import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrainerError } from './errors.ts';
import { decodeSafeTensors, encodeSafeTensors } from './safetensors.ts';

const example = {
  tensors: {
    'conv/kernel': { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    scalar: { shape: [], values: Float32Array.of(-0) },
    empty: { shape: [0, 4], values: new Float32Array() },
  },
  metadata: { step: '7' },
};

describe('safetensors', () => {
  it('reads what it wrote, also at an odd place in a buffer and from a Node Buffer', () => {
    const file = encodeSafeTensors(example);
    expect(decodeSafeTensors(file)).toEqual(example);
    expect(decodeSafeTensors(Buffer.from(file))).toEqual(example);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(decodeSafeTensors(shifted.subarray(1))).toEqual(example);
  });

  it('follows the format: length, JSON, values', () => {
    const file = encodeSafeTensors({
      tensors: { w: { shape: [1], values: Float32Array.of(1) } },
      metadata: {},
    });
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))).toEqual({
      __metadata__: {},
      w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    });
    expect([...file.subarray(8 + headerBytes)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('answers every altered file with a typed error or with tensors of the right size', () => {
    const file = encodeSafeTensors(example);
    const alteration = fc.record({
      at: fc.nat(file.length - 1),
      byte: fc.nat(255),
      length: fc.nat(file.length),
    });
    fc.assert(
      fc.property(alteration, ({ at, byte, length }) => {
        const altered = file.slice(0, length);
        if (at < length) altered[at] = byte;
        try {
          for (const { shape, values } of Object.values(decodeSafeTensors(altered).tensors)) {
            expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(TrainerError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
